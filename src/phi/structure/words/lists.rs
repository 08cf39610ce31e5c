//! The words of messages, formats and machines, as lists. What they mean is said where they are used.

/// Words by which a message about a field is known.
pub(super) const PREDICATE_WORDS: &str = "\
is are be been must should shall cannot can't can isn't doesn't does not invalid required missing expected received
already exists taken duplicate unrecognized unknown unsupported malformed wrong incorrect exceeds exceeded
failed match matches contain contains provided enter allowed forbidden accepted empty blank null cannot couldn't could
was were has have unexpected illegal
ungültig ungültiges ungültige ungültiger erforderlich fehlt fehlerhaft erwartet muss darf obligatoire requis requise invalide attendu attendue doit
manquant manquante incorrecte obligatorio obligatoria requerido requerida inválido inválida válido válida esperado esperada debe falta incorrecto incorrecta
obbligatorio obbligatoria richiesto richiesta valido valida atteso deve manca ongeldig ongeldige vereist verplicht verwacht moet ontbreekt
obrigatório obrigatória ausente ogiltig krävs saknas måste ugyldig påkrævet påkrevd nieprawidłowy nieprawidłowa wymagane wymagany brak";

/// What a field has to be, in other languages.
pub(super) const MANDATORY_WORDS: &str = "\
obligatorio obligatoria obligatoire obligatoires obbligatorio obbligatoria obrigatório obrigatória obligatorisk obligatoriskt verplicht \
verplichte erforderlich pflichtfeld zorunlu pakollinen puuttuu påkrevd påkrævet wymagane requerido requerida facultatif facultative \
facoltativo opcional optionnel optionnelle valgfri valgfritt valfri valfritt valinnainen";

/// What else validators of other languages say of a value.
pub(super) const FOREIGN_PREDICATE_WORDS: &str = "\
vide vacío vacía vazio vazia corresponde correspond geçersiz eksik virheellinen mancante puste pusty";

/// Small words that they are joined with. Only where every word of a sentence is known they say anything, since many are parts of
/// names as well.
pub(super) const FOREIGN_WORDS: &str = "\
el la los las lo un una es son se este esta os um uma são il gli le questo questa è di del della al de du des ne être ce ces datos \
dados der die das ein eine dieses dieser bitte wird een dit geen pole te op se den det og av af på ole ei kenttä tämä bu alan alanı \
değer olmalı olmalıdır gerekli correo electrónico proporcionados contener dígitos";

/// Everything else that messages, enumerations and formats say.
pub(super) const COMMON_WORDS: &str = "\
a an and or the of to in on at only too got saw has have had by for from with without into as it its this that these those no none any all each every if then
than less more least most greater equal between before after until since per least up down out over under again also either
both one two three first second third last next previous new old other another same such own only just once still
i we you your our they their he she his her him them who what which when where why how
value values field fields property properties key keys param params parameter parameters argument arguments attribute
column row table index constraint relation record records entry entries item items element elements list array object string
number integer int boolean bool date datetime time timestamp text type types format pattern regex length size range minimum
maximum min max character characters char chars digit digits letter letters byte bytes word words line position offset
code codes status error errors warning message messages detail details reason issue issues exception fault failure validation
validate valid request requests response body header headers query url uri path route method endpoint resource resources
reference references identifier id ids name names email e-mail mail phone telephone mobile address birth birthdate dob gender sex
input output parse parsing parser parsed json xml html http https api server client service gateway upstream proxy host port
connection timeout timed retry later please try again check see contact support documentation information internal bad not found
unauthorized forbidden conflict unprocessable entity media large many denied access permission permissions scope scopes
token tokens secret authentication authorization session user users account password
patient patients person persons practitioner practitioners encounter encounters observation observations appointment
appointments condition conditions medication medications organization organizations location locations device devices claim
claims coverage consent consents document documents note notes lab labs report task tasks care plan team goal allergy allergies
immunization immunizations procedure procedures specimen schedule slot operationoutcome bundle parameters
male female other unknown active inactive draft final preliminary amended corrected cancelled canceled completed pending
booked arrived fulfilled noshow proposed planned entered mild moderate severe high low medium normal abnormal routine urgent
asap stat resolved remission recurrence relapse confirmed unconfirmed provisional differential refuted temporary home work
mobile official usual nickname anonymous maiden single married divorced widowed yes no true false null undefined nan on off
string enum union literal instance instanceof zoderror zod invalid_type invalid_string too_small too_big custom
create created update updated delete deleted read write search get post put patch insert select where
english spanish usd en us tx ca ny fl uk test example sample demo default general general other misc
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday day days week weeks month months year years hour hours minute minutes
second seconds today now current currently future past
street avenue road drive lane court apt suite unit floor north south east west
follow followup follow-up visit call message complete available use used using set choose select enough long short greater
support supported version member present non empty zero positive negative unique violates violation violated column
correct correctly real actual wrong format formatted looks like seems unable process processing processed handle could
characterised data sent send submitted submit field's it's its given when trying while during because due again there
address line city state postal zip country region district province street
null-valued nonempty optional mandatory cette kaydı kayıt güncellendi sayısı bilgileri validierung validering walidacja validación pflichtfeld inconnu inconnue formato formaat feld champ campo veld datum fecha data wert valeur valor valore waarde zeichen caractères caracteres ziffern chiffres
ist nicht sein werden est pas niet het är inte ikke nie jest leer vide vacío vuoto leeg
gefunden trouvé encontrado trovato gevonden hittades existing registered associated another different the-same belongs belong own
attempt attempted fail pass skip warn failed success successful ok okay problem with accept accepts content encoded encoding utf-8 iso iso8601
exact below above iterate modifier modifiers yyyy mm dd hh ss cant wont doesnt isnt didnt dont t s re ve ll d don isn doesn didn won wouldn shouldn couldn aren wasn weren hasn haven";
