//! The words as data: what each group of compact lower-case forms means. A word stands in one group only (tested).

use crate::phi::class::Class;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::phi::cues) enum Kind {
    /// As key or cue: the value is an identifier of this class, whatever words stand before.
    Phi(Class),
    /// So only as the whole key, or after a word for a person: `name`, but not `queueName`.
    Weak(Class),
    /// A cue in running text only: `born`, `seen on`, `member`. As a key it says nothing.
    Cue(Class),
    /// Identifies a clinician: hidden as the class says, unless the policy keeps providers.
    Provider(Class),
    /// A word for a person.
    Person,
    Safe,
    Free,
    /// Only says "of a thing": dropped from the end of a key.
    Tail,
    /// Found only [`Kind::Tail`] words: the element above decides. Not in the table.
    Up,
}

pub(in crate::phi::cues) struct Group {
    pub(in crate::phi::cues) kind: Kind,
    /// The words name a person, so that a weak word after them counts: `patient name`.
    pub(in crate::phi::cues) person: bool,
    pub(super) words: &'static str,
}

const fn group(kind: Kind, words: &'static str) -> Group {
    Group { kind, person: false, words }
}

const fn persons(kind: Kind, words: &'static str) -> Group {
    Group { kind, person: true, words }
}

pub(super) const GROUP_LIST: &[Group] = &[
    // A: names.
    group(
        Kind::Phi(Class::Name),
        "firstname lastname middlename familiya familija imya otchestvo fio vezeteknev keresztnev etunimi sukunimi prenume nume numele jmeno prijmeni soyad soyadi adsoyad adisoyadi namalengkap namapasien hoten hovaten prezime imeprezime xingming xingmin shimei seimei onomateponymo eponymo onoma apelyido pangalan jinalamgonjwa patname patnam patnm patlname patfname patlastname patfirstname ptnm ptlname ptfname subjname subjectname patln patfn mbrln mbrfn subln subfn insln insfn lnm fnm lnam fnam mbrnm subnm gtrnm insnm fnt gnt maidenname surname surnames forename forenames \
        fullname displayname givenname givennames given family familyname mothersmaidenname mothermaidenname \
        maiden birthname legalname preferredname formername previousname nickname callname fname lname mname \
        patientname ptname nameofpatient nextofkin nextofkinname emergencycontact emergencycontactname \
        personname personalname cardholdername nameoncard accountholder accountholdername \
        patientfirst patientlast patientmiddle ptfirst ptlast ptmiddle memberfirst memberlast membermiddle \
        subscriberfirst subscriberlast subscribermiddle guarantorfirst guarantorlast guarantormiddle \
        guardianfirst guardianlast guardianmiddle insuredfirst insuredlast insuredmiddle dependentfirst \
        dependentlast dependentmiddle spousefirst spouselast spousemiddle personfirst personlast \
        personmiddle callerfirst callerlast callermiddle applicantfirst applicantlast applicantmiddle \
        beneficiaryfirst beneficiarylast beneficiarymiddle motherfirst motherlast mothermiddle fatherfirst \
        fatherlast fathermiddle parentfirst parentlast parentmiddle childfirst childlast childmiddle \
        caregiverfirst caregiverlast caregivermiddle \
        middleinitial initials firstinitial lastinitial humanname salutationname phonetic phoneticname \
        namefamily namegiven whotocall persontocall aka signedby signature employername employer \
        nombre nombres apellido apellidos apellidopaterno apellidomaterno nombrecompleto nombredelpaciente \
        prenom prenoms nomdefamille nomdenaissance nomcomplet nompatient nomusage nomusuel \
        vorname vornamen nachname familienname geburtsname zuname patientenname versichertenname \
        othernames othername othergivennames cognome nomecompleto nomepaciente nomedopaciente sobrenome apelido nomecognome \
        voornaam voornamen achternaam familienaam geboortenaam geslachtsnaam meisjesnaam roepnaam tussenvoegsel \
        fornamn efternamn tilltalsnamn fullstandigtnamn \
        imie imiona nazwisko nazwiskorodowe imieinazwisko \
        nomfamille nomnaissance nomjeunefille patronyme etternavn efternavn fornavn fornavne mellomnavn fodenavn pikenavn flicknamn \
        ainm sloinne primernombre segundonombre primerapellido segundoapellido nomedamae nomesocial",
    ),
    group(
        Kind::Weak(Class::Name),
        "name names lowername namelower normalizedname namenormalized sortname namesort person nom nome naam namn contact contactname contactperson alias aliases \
        honoree attn attention who",
    ),
    group(Kind::Cue(Class::Name), "fn ln mn gn lastnm firstnm lstnm fstnm frstnm midnm"),
    persons(
        Kind::Phi(Class::Name),
        "guarantor guarantorname guardian guardianname mother father mothername fathername \
        mothersname fathersname spouse spousename husband wife partnername childname sibling brother sister \
        daughter son subscribername membername beneficiaryname insuredname policyholder policyholdername \
        holdername caregiver caregivername responsibleparty relativename kin nok nokname \
        wearer porteur titulaire padre madre tutor conyuge versicherter erziehungsberechtigter tuteur madame monsieur",
    ),
    persons(
        Kind::Person,
        "patient pt patients subject individual client clients customer recipient sender owner caller \
        parent child infant newborn baby relative relatedperson partner resident inmate consumer \
        mr mrs miss mx dear hello hi senor senora paciente patiente patientin assure assurato cardholder \
        pacjent pacjenta patienten patsient potilas potilaan pacient pacienta klient signatory signer claimant applicant respondent donor participant \
        holder insured enrollee enrolee dependant guest attendee invitee passenger user employee visitor household people candidate minor",
    ),
    persons(
        Kind::Provider(Class::Name),
        "physician physicianname doctor doctorname practitioner practitionername providername \
        clinician clinicianname nurse nursename surgeon surgeonname attending attendingphysician referringphysician \
        referringprovider attendingprovider orderingprovider pcp pcpname therapist pharmacist medecin arzt medico \
        prescriber prescribername performername interpretername dr authorname",
    ),
    // B: geography below the state.
    group(
        Kind::Phi(Class::Geo),
        "street streetname streetaddress streetaddr addressline addresslines homeaddress \
        mailingaddress postaladdress physicaladdress shippingaddress billingaddress deliveryaddress residentialaddress \
        permanentaddress homeaddr city town village county lga precinct suburb \
        postalcode postcode eir zipcode zip zip4 zipplus4 plz eircode housenumber houseno housename apartment apartmentno aptno \
        cityname townname addresscity addresslocality thoroughfare addresspostalcode addressdistrict neighborhood neighbourhood borough township \
        placeofbirth birthplace birthcity cityofbirth placeofresidence residence \
        geolocation geocode latlng latlong coordinates gpscoordinates \
        direccion domicilio calle ciudad codigopostal municipio colonia poblacion lugardenacimiento \
        adresse adressepostale rue ville codepostal commune lieudenaissance \
        anschrift strasse strassenname hausnummer postleitzahl wohnort ort geburtsort stadt \
        indirizzo citta comune luogodinascita codicepostale comuneresidenza comunediresidenza comunenascita comunedinascita cittaresidenza cittadiresidenza indirizzoresidenza viaresidenza villeresidence communeresidence ciudadresidencia municipioresidencia localidadresidencia \
        straat straatnaam huisnummer woonplaats plaats geboorteplaats adres \
        endereco morada rua cidade codigopostalcep cep bairro concelho freguesia localdenascimento \
        adress gata gatuadress postnummer postort fodelseort \
        ulica miasto miejscowosc kodpocztowy miejsceurodzenia adreszamieszkania \
        kotikunta osoite katuosoite postitoimipaikka postinumero paikkakunta poststed gateadresse bosted bopael bostadsort localidad \
        baile seoladh gaon livesat residesat residesin \
        pobox",
    ),
    group(Kind::Weak(Class::Geo), "address addresses addr latitude longitude lat lng lon district"),
    group(
        Kind::Cue(Class::Geo),
        "livesin livingat livingin residingat residingin residentof locatedat homeless geo gps latlon \
        wohnhaft demeurant residente bosatt bosiddende movedto near",
    ),
    // C: dates of a person.
    group(
        Kind::Phi(Class::Date),
        "birthdate birthdateformatted datarozhdeniya datarojdeniya dogumtarihi dogumtarih tanggallahir tgllahir ngaysinh szuletesidatum syntymaaika datanasterii datanarozeni datumrodenja chushengriqi seinengappi shengri patdob patbirthdate ptdob subjdob patbirth ptbd patbd mbrbd mbrdob subdob insdob bdate fnac fecnac fecnacim dobday dobdd dobmonth dobmm birthdd birthmm birthmonth dayofbirth monthofbirth dateofbirthday birthdatetime dateofbirth dob birthday birth birthyearmonth \
        borndate birthtime deathdate dateofdeath deceaseddate deceaseddatetime deceased deathdatetime dod \
        admittedon admittedat dischargedon dischargedat admissiondate admitdt admissiondt admdt admitdttm dischdt dischargedt dischdttm apptdt apptdttm visitdt servicedt svcdt birthdt admitdate admitdatetime admissiondatetime admittime admissiontime dateofadmission dischargedate dischargetime dischargedatetime \
        implantdate implanteddate implantedon implantedat dateofimplant explantdate explantedon explantedat transplantdate dateofdischarge surgerydate dateofsurgery proceduredate operationdate visitdate dateofvisit encounterdate \
        appointmentdate appointmenttime appointmentdatetime servicedate dateofservice dos datesofservice \
        onset onsetdate onsetdatetime dateofonset abatementdatetime abatement symptomonset diagnosisdate diagnoseddate dateofdiagnosis \
        effectivedate effectivedatetime effectiveperiod effective performeddatetime performedperiod authoredon authored \
        recordeddate recordedon asserteddate dateasserted occurrencedatetime occurrence collecteddatetime collectiondate \
        specimendate collectedon receivedtime issueddatetime whenhandedover whenprepared billableperiod serviceperiod servicedperiod serviceddate \
        hospitalizationdate injurydate dateofinjury accidentdate dateofaccident dateofloss dateofincident dateofexam dateofexamination dateofprocedure dateofcollection dateoftest dateoftreatment dateofhospitalization dateofhospitalisation dateofarrival dateofoperation lmp edd duedateofbirth deliverydateobstetric estimateddeliverydate \
        marriagedate weddingdate vaccinationdate immunizationdate dateofimmunization treatmentdate prescriptiondate datewritten \
        referraldate dateofreferral tcidate followupdate nextvisit lastvisit lastseen nextappointment enrollmentdate coverageperiod coveragestart coverageend \
        testdate labdate resultdate scandate examdate studydate age agestring ageyears patientage ageinyears \
        birthday bday yob \
        fechadenacimiento fechanacimiento fechanac fechadedefuncion fechadeingreso fechadealta nacimiento fechacita \
        datedenaissance datenaissance ddn datededeces datedadmission datedesortie naissance \
        geburtsdatum geburtstag gebdatum gbdat geb sterbedatum todesdatum aufnahmedatum entlassungsdatum gebdat \
        datadinascita datanascita datadimorte dataricovero datadimissione nascita \
        geboortedatum geboren geboortedag overlijdensdatum opnamedatum ontslagdatum \
        datadenascimento datanascimento dtnasc dtnascimento datadeobito nascimento datadeinternacao datadealta \
        fodelsedatum fodelsedag fodelsedagsdatum dodsdatum inskrivningsdatum utskrivningsdatum \
        dataurodzenia dataurodzin datazgonu dataprzyjecia datawypisu urodzenia \
        fechaingreso fechaalta fechaegreso fechainternacion datainternacao dataalta datainternamento dateadmission dateentree datesortie \
        innleggelsesdato utskrivelsesdato indlaeggelsesdato udskrivelsesdato fodselsdato foedselsdato",
    ),
    group(
        Kind::Cue(Class::Date),
        "dc expdc yourscan yourtest yourprocedure yoursession yourinfusion yourinjection yourshot yourdose yourcheckup yourexam yourconsult \
        yourconsultation yourassessment seeyou seeyouon willseeyou yourlabs yourresults yourvisit admit mri xray ultrasound checkup biopsy colonoscopy mammogram dialysis chemo chemotherapy physio physiotherapy born bornon bornin deceasedon died diedon passedaway death admitted admittedto admission \
        admissionon discharged discharge seen seenon seenin lastseenon visit visited visiton surgery surgeryon \
        operatedon onsetof onseton appointment appt apptdate appointmenton appointmentfor \
        diagnosed diagnosedon encounter followup \
        vaccinated immunized vaccinatedon enrolled enrolledon consulted consultation treatedon treated examined examinedon \
        termin rendezvous rdv cita consulta appuntamento visita afspraak bokning bokad besok wizyta randevu aftale timeavtale \
        controle kontroll kontrola opname ingreso internacion geplant programado programada fixe prevu prevue moved rebooked rescheduled verplaatst verschoben \
        hospitalized hospitalised deceduto deceduta decedee ricoverato ricoverata dimesso dimessa overleden verstorben zmarl zmarla married marriedon presented presentedon referredon referred collected \
        implanted explanted transplanted injury injured prescribed prescribedon dispensed dispensedon \
        referralreceived referralaccepted referraltriaged referralvetted referralmade referralraised pacemakerinterrogated pacemakerchecked pacemakerfitted \
        pacemakerreplaced icdinterrogated hearingaidfitted hearingaidsfitted hearingaidissued hearingaidsissued denturefitted denturesfitted stentplaced stentinserted \
        stentremoved catheterinserted catheterremoved catheterchanged coilfitted coilremoved iudinserted iudremoved piccinserted piccremoved cannulainserted \
        insulinpumpreplaced lastdialysed lastdialyzed stitchesremoved suturesremoved splintfitted bracesfitted pessaryfitted prosthesisfitted insulinpumpfitted tonsilsremoved appendixremoved \
        nacido nacida nacio ne nee geborenam innlagt indlagt inlagd utskrevet udskrevet utskriven aufgenommen entlassen hospitalise hospitalisee ingresado ingresada internado internada egresado \
        opgenomen ontslagen przyjety przyjeta wypisany wypisana geborenop nato nata urodzony urodzona fodd nascido nascida fallecio decede",
    ),
    // D, E, F.
    group(
        Kind::Phi(Class::Phone),
        "phone phonenumber sodienthoai shoujihao dianhua denwa denwabango puhelin puhelinnumero telefonszam cislotelefonu notelepon nomortelepon nohp ceptelefonu nomertelefona mobil phoneno phones telephone telephonenumber telephoneno tel telno telnumber mobile mobilenumber mobileno \
        mobilephone cell cellphone cellnumber homephone workphone officephone dayphone daytimephone eveningphone contactnumber contactphone \
        contactno msisdn callerid hmph wkph cellph mobph homeph workph ptph patph dayph eveph contactph mbrph phno phnum hmtel wktel tlf tlfno phonehome phonework phonemobile whatsapp whatsappnumber waid smsnumber callbacknumber callbackno callbackphone landline pager beeper ani \
        telefono numtelefono telefonomovil movil celular numerodetelefono telefon telefonnummer mobiltelefon handy handynummer rufnummer mobilnummer \
        telefoonnummer mobielnummer gsm numerodetelephone portable telemovel telefone cellulare numeroditelefono \
        numertelefonu komorka tfno tfnos tlfs telecom telecomvalue",
    ),
    group(
        Kind::Cue(Class::Phone),
        "desk switchboard call callback callat reachat textto sms dial ring called phoned reachable \
        mebackat mebackon usbackat herbackat herbackon himbackat himbackon callbackat callbackon callbackrequested \
        callmeat callmeon callherat callheron callhimat callhimon calluson ringmeat ringmeon ringheron ringhimon \
        phonemeat phonemeon phoneheron phonehimon textmeat textmeon textherat textheron texthimat texthimon \
        reachmeat reachmeon reachusat reachuson reachherat reachheron reachhimat reachhimon reachthemat reachthemon \
        ussdsession destaddr sourceaddr destinationaddr callednumber calledparty callingnumber callingparty dnis atdt dialing dialling dialed dialled \
        contactmeat contactmeon contactherat contactheron contacthimat contacthimon",
    ),
    group(
        Kind::Phi(Class::Fax),
        "fax faxnumber faxno facsimile telecopy telecopier telecopie telefax faxnummer numerodefax",
    ),
    group(
        Kind::Phi(Class::Email),
        "email emailaddress emailaddr emails mail mailaddress mailto emailid useremail contactemail homeemail workemail \
        correo correoelectronico courriel adressemail adresseemail emailadresse mailadresse epost epostadress epostadresse \
        postaelettronica indirizzoemail emailadres enderecodeemail adresemail",
    ),
    // G.
    group(
        Kind::Phi(Class::Ssn),
        "ssn ssns ssnno ssnnumber ssnlast4 last4ssn last4ofssn socialsecurity socialsecuritynumber socialsecurityno socialsecuritynum \
        socsec socsecno socialsec soc socialnumber ss socialsecuritycard ssnlastfour lastfourssn lastfourofssn",
    ),
    group(Kind::Cue(Class::Ssn), "social"),
    // H.
    group(
        Kind::Phi(Class::Mrn),
        "mrn mrns mrnno mrno mrnum patmrn ptmrn subjmrn norm nomorrekammedis participantobjectid mrnnumber medicalrecord medicalrecordno medicalrecordnumber medicalrecordnum medrec medrecno medrecnumber medicalrecordid \
        medicalid recordno chart chartno chartnumber chartnum chartid hospitalnumber hospitalno hospitalid hospno \
        patientnumber patientno foldernumber folderno patientnum patnum patno ptno ptnumber unitnumber caseno casenumber healthrecordnumber healthrecordno \
        identifier identifiers patientidentifier identifiervalue pid3 empi mpi eid uhid epi urno urnumber casenote casenoteno casenotenumber hospitalnum nhs nhsno nhsnumber nhsnum nhi nhino nhinumber chi chino chinumber hc hcn hcnumber hcno \
        healthandcare healthcare healthcarenumber healthcareno healthcarenum healthcareid healthcard healthcardnumber healthcardno healthnumber healthcardnum hcn hcnno hcnnumber ohip ohipnumber ramq \
        phn uli ahc ahcno ahcnumber ahcip carecard msp hsn phin mcp ihi ihinumber individualhealthcareidentifier historiaclinica numerodehistoria nhc \
        nummerodossier numdossier numerodedossier nodedossier dossierpatient dossiermedical ipp ipppatient numerodossier krankenaktennummer patientennummer fallnummer patientnummer \
        cartellaclinica dossiernummer patientnr processoclinico numerodeutente utente journalnummer numerpacjenta cartesante \
        assurancemaladie accessionnumber accessionno \
        numeroprontuario numerodoprontuario numerocartella numerodicartella pasientnummer potilasnumero hastano dosyano protokolno \
        numeropaziente numeropaciente numhistoria numhistoriaclinica numexpediente numeroexpediente numprontuario numutente",
    ),
    group(Kind::Cue(Class::Mrn), "urn ur accession dossier aktenzeichen prontuario expediente journalnr"),
    // I.
    group(
        Kind::Phi(Class::HealthPlan),
        "memberid memberno insid insno insnum mbrid mbrno mbrnum polno polnum grpno grpnum polis polisnumber nomerpolisa medicalaidno medicalaidnumber medicalaidid medicalaid bpjs nobpjs philhealth philhealthno philhealthid schemenumber cardholderid cardholderidno membernumber membernum memid subscriberid subscriberno subscribernumber subscribernum policyid policyno policynumber policynum \
        groupno groupnumber groupnum groupid insuranceid insuranceno insurancenumber insurancepolicy insurancepolicynumber insurancecard healthplanid healthplanno \
        healthplannumber healthplan planid planmemberid beneficiaryid beneficiaryno beneficiarynumber beneficiaryidentifier hicn hic hicno medicareclaim medicareclaimno medicareclaimnumber \
        mbi mbino mbinumber medicare medicareid medicareno medicarenumber medicaid medicaidid medicaidno medicaidnumber \
        certificateno cardno insuredid insuredno insurednumber claimno claimnumber claimnum preauthref priorauth priorauthno priorauthorization authorizationnumber authnumber \
        preauthorization dependentno dependentnumber dependent classvalue coverageidentifier irn dva dvano dvanumber veteranfile veteranfileno veteranfilenumber dvafile \
        nhia nhis nhianumber nhisnumber hmo hmono hmonumber hmoid ehic ehicnumber kvnr kvnummer versichertennummer versichertennr krankenversichertennummer \
        krankenversicherten krankenversichertennr krankenkassennummer mutuelle mutuelleno numeromutuelle numerodemutuelle numeroassure numerodassure polizanumero numerodepoliza numpoliza numtarjeta numadherent numeroadherent numerodadherent numcontrat numafiliado numafiliacion poliza afiliado numerodeafiliado tarjetasanitaria \
        polisnummer zorgverzekering verzekerdennummer numerobeneficiario apolice policennummer forsakringsnummer numerpolisy npolisy rxgrp rxbin rxpcn rxid \
        tesserasanitaria medicalcard medicalcardno medicalcardnumber enrolleeid enrolleeno enrolleenumber enroleeid enroleeno enroleenumber dependantno dependantnumber \
        carteirinha numerocarteirinha numerodacarteirinha carteirasus numerosegsocial",
    ),
    group(Kind::Weak(Class::HealthPlan), "insurance"),
    persons(Kind::Cue(Class::HealthPlan), "member subscriber beneficiary policy coverage sub claim"),
    // J.
    group(
        Kind::Phi(Class::Account),
        "accountno accountnumber accountnum acctno acctnumber acctnum acct ac accno bankaccount bankaccountno bankaccountnumber iban ibannumber \
        creditcard creditcardno creditcardnumber ccnumber ccno ccnum cardnumber cardnum luhn debitcard pan primaryaccountnumber paymentcard \
        billingaccount clm01 clp01 billingno billingnumber visitno visitnumber visitnum patientaccount patientaccountno patientaccountnumber guarantorid guarantorno guarantornumber guarantoraccount routingnumber routingno aba abanumber abarouting \
        sortcode bsb bsbnumber nuban nubanno nubannumber bvn bvnno bvnnumber bankverificationnumber invoiceno invoicenumber \
        numerodecuenta numcuenta numcompte cuentabancaria cuenta compte numerodecompte kontonummer bankkonto konto contocorrente rekeningnummer rekening bankrekening \
        numerodaconta contabancaria bankkontonummer numerkonta numerrachunku cvv cvc cardcvv",
    ),
    group(Kind::Cue(Class::Account), "account card bank billing billingid amex mastercard routing"),
    // K.
    group(
        Kind::Phi(Class::License),
        "driverlicense driverlicence driverslicense driverslicence drivinglicense drivinglicence driverlicensenumber driverlicenceno driverlicenseno \
        drivernumber driverno driverslic driverslicno driverlic driverlicno driverslicensenumber driverslicenseno drivinglicencenumber drivinglicenceno drivinglicencenum dl dlno dlnumber licensenumber licenseno licencenumber licenceno licensenum licencenum license licence dvla permitno permitnumber permit \
        passport passportno passportnumber passportnum passportid traveldocument certificatenumber certnumber \
        licenciadeconducir carnetdeconducir permisdeconduire permisconduire fuhrerschein fuhrerscheinnummer fuehrerschein patente patentediguida rijbewijs rijbewijsnummer \
        cartadeconducao korkort korkortsnummer prawojazdy pasaporte passeport reisepass reisepassnummer passaporto paspoort paspoortnummer passaporte paszport passnummer \
        medicallicense medicallicence",
    ),
    group(Kind::Cue(Class::License), "pass"),
    group(Kind::Provider(Class::License), "dea deano deanumber deanum dearegistration"),
    group(
        Kind::Provider(Class::OtherId),
        "npi npino npinumber npis nationalprovideridentifier providernpi hpii hpiinumber gmc gmcnumber nmcnumber providernumber",
    ),
    // L.
    group(
        Kind::Phi(Class::Vehicle),
        "rego regonumber regono vin vinnumber vinno chassis chassisno chassisnumber vehicle vehicleid vehicleidentificationnumber plate plateno platenumber vehicletag vehicletagno immatriculationvehicule plaque platetag platenum licenseplate licenceplate licenseplatenumber \
        licenseplateno numberplate registrationplate vehiclereg vehicleregistration vehicleregno regplate carreg carregistration tagno regno regnumber matricula kennzeichen plaqueimmatriculation \
        vrm vrmnumber plateread platetext anprread alprread lprread targa kenteken registreringsnummer numerrejestracyjny",
    ),
    group(Kind::Weak(Class::Vehicle), "registration reg"),
    group(Kind::Cue(Class::Vehicle), "car"),
    // M.
    group(
        Kind::Phi(Class::Device),
        "serialnumber serialno serialnum serienr numserie nserie sarjanumero sn serial deviceserial deviceserialnumber deviceserialno udi udicarrier carrierhrf udihri udipi imei imeino imeinumber meid \
        macaddress macaddr mac macid wifimac bluetoothaddress imsi iccid androidid idfa idfv advertisingid implantserial hibc hibcc deviceidentifier deviceimei deviceudi \
        seriennummer numerodeserie numeroserie numerodiserie serienummer numerseryjny serialnumbers",
    ),
    group(Kind::Cue(Class::Device), "implant pacemaker glucometer"),
    // N, O.
    group(
        Kind::Phi(Class::Url),
        "homepage personalpage personalwebsite personalurl profileurl profilepage profilelink personalsite personalblog facebook twitter instagram linkedin website facebookurl linkedinurl",
    ),
    group(
        Kind::Phi(Class::Ip),
        "clientip clientipaddress remoteip remoteipaddress userip useripaddress sourceip sourceipaddress srcip patientip ipaddress ipaddr xforwardedfor forwardedfor xrealip realip \
        networkaddress networkaccesspointid networkaccesspoint cfconnectingip trueclientip xclientip callerip visitorip loginip lastip signinip deviceip direccionip adresseip ipadresse",
    ),
    group(
        Kind::Cue(Class::Ip),
        "src ip ipv4 ipv6 workstation remote remoteaddr clientaddr clienthost peeraddr peerip remotehost remoteaddress clientaddress",
    ),
    // P, Q.
    group(
        Kind::Phi(Class::Biometric),
        "fingerprint fingerprints thumbprint voiceprint faceprint retina retinascan retinalscan retinatemplate retinatemplateid retinaid iris irisscan iriscode iristemplate iristemplateid irishash gait gaittemplate voiceprintid voiceprinthash faceprintid facetemplateid faceid facehash fingerprintid fingerprintdata fingerprinthash fingerprinttemplateid palmprintid palmvein palmveintemplate biometrichash biometric biometrics biometricid biometrictemplate biometricdata \
        fingerprinttemplatehash fingerprintvector facetemplatehash iristemplatehash retinatemplatehash voicetemplatehash palmtemplatehash palmveinhash palmveintemplatehash biometrictemplatehash biometrictemplateid minutiae minutiaehash thumbprinthash thumbprinttemplate voiceprintsample voiceprintvector voiceembedding irisembedding gaitembedding gaitsignature gaithash palmprinthash fingerprintminutiae fingerprinttemplate faceprinttemplate voiceprinttemplate palmprinttemplate faceprintvector facevector faceprinthash voicevector iristemplatedata facetemplate faceembedding faceencoding voicetemplate palmprint huelladactilar fingerabdruck empreintedigitale",
    ),
    group(
        Kind::Phi(Class::Photo),
        "photo photos photodata photourl photouri avatar avatarurl portrait headshot faceimage facephoto profilepicture profilephoto profileimage picture pictureurl selfie imagedata mugshot \
        fotografia lichtbild pasfoto fotourl foto patientphoto",
    ),
    // R.
    group(
        Kind::Phi(Class::OtherId),
        "itin itinno itinnumber ghanacard ghanacardno ghanacardnumber emiratesid emiratesidno omang hudumanumber saidnumber rsaid nik noktp ktp cccd cmnd shenfenzheng shenfenzhenghao snils inn rnokpp cnp rodne taxid taxidnumber taxpayerid taxpayeridentificationnumber taxnumber taxno taxidentificationnumber tin tinno ein einno nationalid nationalidno nationalidnumber nationalidentificationnumber nationalidentitynumber nationalnumber \
        nationalidentifier identitynumber identitycard identitycardno idcard idcardno idcardnumber govid governmentid personalid personalnumber personalidentitynumber civilid citizenid residentid \
        nino ninumber nationalinsurance nationalinsurancenumber nationalinsuranceno ninsurance ppsn pps ppsno ppsnumber personalpublicservicenumber \
        sin sinno sinnumber nas socialinsurance socialinsurancenumber socialinsuranceno assurancesociale numeroassurancesociale tfn tfnno tfnnumber taxfile taxfileno taxfilenumber \
        nin ninno ninnumber nimc vnin virtualnin nationalidentification nationalidentity dni dninie nie nif numerodni cif nir insee secu numerosecu numsecu nosecu nsecu numsecuritesociale numerosecuritesociale numerodesecuritesociale securitesociale numsegsocial segsocial numseguridadsocial seguridadsocial numerodelaseguridadsocial numerodeseguridadsocial nuss niss centrelink centrelinkno immatriculation \
        steuerid steueridentifikationsnummer steueridnr steuernummer idnr sozialversicherungsnummer svnr rentenversicherungsnummer personalausweis personalausweisnummer ausweisnummer \
        codicefiscale cf codfisc fiscalcode bsn bsnnummer burgerservicenummer sofinummer pesel numerpesel personnummer samordningsnummer personnr hetu henkilotunnus cpf rg contribuinte cartaodecidadao \
        curp rfc kennitala cprnumber cprnummer nric hkid aadhar aadhaarnumber aadhaarno cedula ceduladeidentidad rut jmbg oib egn amka tckn tckimlikno mykad iqama fodselsnummer rodnecislo sote sotu username usernames loginname screenname uniqueid enduser enduserid aadhaar veteranid alienregistration anumber employeeid employeenumber employeeno badgenumber studentid cuit cuil clavedeelector claveelector abha abhanumber abhaaddress abhaid upiid voterid cartaosus numerocns numerocartaosus numerodocns numerodocumento numdocumento nrodocumento numdoc numerodedocumento documentoidentidad documentodeidentidad rijksregisternummer nationaalnummer numeronational ahvnummer numeroavs avs13",
    ),
    group(Kind::Cue(Class::OtherId), "ni kt cpr crn cns nss"),
    group(Kind::Weak(Class::OtherId), "idnumber idno identificationnumber identificationno"),
    // Secrets.
    group(
        Kind::Phi(Class::ApiKey),
        "apikey apikeys xapikey apikeyid apisecret apitoken accesstoken accesskey accesskeyid secretaccesskey awsaccesskeyid awssecretaccesskey secret secretkey clientsecret privatekey \
        password passwd pwd passphrase passcode passwords authtoken bearertoken refreshtoken idtoken sessiontoken securitytoken token jwt bearer authorization proxyauthorization xauthtoken \
        credential credentials cookie setcookie sessionid sid sessionkey csrftoken xsrftoken signingkey encryptionkey webhooksecret clinikapikey clinikapisecretkey sharedsecret pin pincode \
        contrasena motdepasse passwort kennwort wachtwoord senha losenord haslo xamzsecuritytoken xamzsignature xamzcredential",
    ),
    // Human text.
    group(
        Kind::Free,
        "message msg note notes text description comment comments reason diagnostics detail details error errors err errormessage errormsg exception cause summary title content body payload data \
        input received got actual narrative div remark remarks instruction instructions conclusion finding findings history complaint chiefcomplaint symptoms assessment hint \
        explanation suggestion info log line lines stack stacktrace output stdout stderr query querystring rawquery sql statement params parameters args arguments values row record \
        filename file attachment attachmentname documentname subjectline display displaytext label caption freetext answer question valuestring onsetstring patientinstruction \
        url uri href link location referer referrer path target rawurl requesturi requesturl originalurl instance request response formdata clinicalnote progressnote \
        notas nota mensaje descripcion remarque commentaire bemerkung beschreibung nachricht kommentar opmerking omschrijving descrizione messaggio mensagem descricao meddelande anteckning uwagi opis komunikat",
    ),
    // Operational and vocabulary. Cues of this group also veto bare numbers in text.
    group(
        Kind::Safe,
        "iphone timestamp ts time timestamps datetime lastupdated lastmodified modifiedat updatedat createdat deletedat expiresat expires exp iat nbf jti iss aud issuedat expiry notbefore notafter since asof \
        datefrom dateto startedat finishedat completedat receivedat sentat loggedat eventtime logtime reset retryafter sunset build buildid builddate release releasedate expirationdate manufacturedate \
        messagesid smssid smsmessagesid callsid conferencesid recordingsid requestid xrequestid reqid traceid spanid parentid parentspanid correlationid xcorrelationid transactionid txid txnid eventid messageid msgid sessioncount jobid taskid runid batchid workerid deploymentid instanceid \
        hostid nodeid podid containerid processid threadid tid pid ppid uid gid goroutine thread worker attempt attempts retry retries tries \
        version apiversion fhirversion versionid v ver semver schemaversion revision rev commit sha sha1 sha256 sha512 md5 digest checksum hash etag githash gitcommit gitsha \
        port ports egress egressip host hostname server servername domain domainname dns upstream backend listen bind addrport endpoint gateway proxy printer localhost firmware fontfamily odometer mileage ik org orgs measure listener region zone az availabilityzone cluster clustername \
        trackingnumber trackingno trackingid shipmentid receipt receiptno receiptnumber trn transaction fw fwversion ckdepi panos duration durationms elapsed elapsedms latency latencyms took timeout timeoutms ttl maxage uptime delay interval ms msec millis seconds secs sec minutes hours days weeks months \
        size bytes length len contentlength count counts total limit offset page pages pagesize cursor sort order limitremaining remaining used quota ratelimit ratelimitlimit ratelimitremaining ratelimitreset xratelimitlimit xratelimitremaining xratelimitreset max min maximum minimum capacity \
        percent percentage ratio score rate memory heap rss cpu disk gc threads connections pool poolsize lsn wal segment checkpoint block shard partition seq sequence sequenceno sequencenumber generation epoch index idx position pos column col \
        lineno linenumber linenum level severity loglevel logger status statuscode httpstatus state statetext method httpmethod verb protocol scheme http https code codes errorcode errcode exitcode exitstatus errno signal type types kind category class classname methodname functionname function \
        resource resourcetype resourcename resourceid resourcetypes fieldname field fields property attribute keyword parameter param paramname key keys keyname tag tags tagname typename tablename columnname schemaname table schema database db dbname databasename \
        servicename service serviceid appname applicationname application app component componentname module modulename packagename package library libraryname container containername image imagename podname namespace pod node nodename cronjob deployment deploymentname \
        jobname taskname queuename topicname bucketname bucket queue topic metricname metric eventname event rulename rule hookname threadname loggername processname devicename manufacturer modelnumber model modelname udidi lot lotnumber batch batchnumber lotno \
        use system unit units currency language lang locale timezone tz gender sex active enabled disabled maritalstatus country countrycode stateprovince province intent priority modality specialty servicetype doseform medication vaccinecode targetdisease relationship criticality outcome \
        organizationname hpio organization orgname orgid organizationid tenant tenantid locationname facilityname facility department departmentname healthcareservice careteam insurername payername payer payerid payercode payors payorid \
        encounterid patientid practitionerid observationid appointmentid providerid claimid coverageid accountid personid recordid userid documentid deviceid orderid externalid parentresourceid id ids guid uuid ulid oid uids objectid rowid primarykey \
        loinc snomed wells snomedct sct icd icd10 icd10cm icd9 rxnorm rxcui cpt hcpcs ndc din gmdn pzn gtin ean upc cvx ucum atc dicom codesystem valueset drg hgnc \
        contenttype accept acceptencoding contentencoding encoding charset mimetype mime format useragent ua origin vary connection cachecontrol traceparent tracestate xtimestamp ifnonematch ifmatch \
        elements expression include revinclude metadata meta profile canonical issuesource resourceurl docs helpurl documentationurl documentation reference refs ref relativepath pathinfo handler route endpointname operation operationname action flag flags feature option options mode \
        sqlstate ora mysql postgres errorno vendorcode oraclecode hapi osstatus constraint constraintname indexname pkey fkey \
        expected minlength maxlength minimumlength maximumlength cron schedule backup migration migrations dose dosage quantity amount price cost bp bloodpressure heartrate hr temp temperature weight height bmi glucose hba1c spo2 pulse respiratoryrate rr \
        otp verificationcode onetimecode onetimepassword mfa twofactorcode http1 http2 tls tlsversion cipher rows rowcount records items entries hits misses requests warnings failures successes users rader rijen zeilen lignes filas righe linhas rkker wierszy registros datensatze patientcount patientscount sum avg mean p50 p95 p99 \
        isvalid valid required missing nullable present empty done ok success result results test tests step steps stage phase iteration round slot slots timer tick ticks bytessent bytesreceived sent bytesin bytesout \
        hostip podip nodeip serverip listenaddress listenaddr bindaddress upstreamaddr upstreamaddress upstreamhost serveraddr destip destinationip dstip localip localaddr clusterip loadbalancerip hostaddress \
        publickeytoken synctoken pagetoken nextpagetoken nexttoken continuationtoken resumetoken deltatoken skiptoken fencingtoken cancellationtoken passwordpolicy lockoutpolicy retrypolicy retentionpolicy lifecyclepolicy cachepolicy restartpolicy backuppolicy \
        os process executable sdk browser orchestrator observer image dataset runtime bucket workflow pipeline safamily aifamily addressfamily socketfamily protocolfamily cpufamily instancefamily productfamily osname daemonname columntype \
        tlsfingerprint sslfingerprint certfingerprint certificatefingerprint publickeyfingerprint sshfingerprint secchuamobile processidentifier eventgroupid messagegroupid consumergroupid securitygroupid emailverified emailstatus phoneverified phonestatus emailtemplate phonetype emailtype addresstype addressuse addressstate addresscountry nametype nameuse birthsex birthorder precision dateformat timeformat phoneformat filetype filesize",
    ),
    group(Kind::Free, "start end"),
    group(
        Kind::Tail,
        "value number no num nr nbr numero nummer raw string str primary secondary home work current previous old new formatted last4 val item coding attr exact contains is was of are were for the a an to from on as der die das de la el le lo du des del della di het van av och und et y e i \
        equals eq cont icontains iexact istartswith iendswith ilike iregex matching with entered provided supplied invalid bad unknown wrong duplicate malformed ending ends in last digits named located",
    ),
];
