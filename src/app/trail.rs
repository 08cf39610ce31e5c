//! The trail of the running guard: its keys read, its file opened, and what sends it elsewhere started.

use std::sync::Arc;

use super::StartError;
use crate::audit::checkpoint::Signer;
use crate::audit::ids::ResourceIds;
use crate::audit::settings::{AuditSettings, AuditSink, ResourceIdsShown};
use crate::audit::ship::{ShipContext, Shipper};
use crate::audit::{Trail, TrailKeys};
use crate::credentials::ReadEnv;
use crate::credentials::pseudonym::PseudonymKey;
use crate::metrics::Metrics;

/// Opens the trail and starts what sends it elsewhere.
pub(super) fn start(
    settings: &AuditSettings,
    read_env: ReadEnv,
    metrics: &Arc<Metrics>,
) -> Result<(Arc<Trail>, Option<Shipper>), StartError> {
    let signer = settings.signing_key.as_ref().map(|path| {
        Signer::read(path).map_err(|error| StartError::AuditKey { file: path.display().to_string(), error })
    });
    let resource_ids = match &settings.resource_ids {
        ResourceIdsShown::Plain => ResourceIds::Plain,
        ResourceIdsShown::Omit => ResourceIds::Omit,
        ResourceIdsShown::Pseudonym(path) => {
            let key = PseudonymKey::read(path).map_err(|problem| StartError::AuditPseudonyms {
                file: path.display().to_string(),
                problem,
            })?;
            ResourceIds::pseudonym(key)
        }
    };
    let signer = signer.transpose()?;
    let verifier = signer.as_ref().and_then(Signer::verifier);
    let trail = Trail::open(settings, TrailKeys { signer, resource_ids }).map_err(|error| {
        let file = match &settings.sink {
            AuditSink::File(path) => path.display().to_string(),
            AuditSink::Stdout | AuditSink::Off => String::new(),
        };
        StartError::Audit { file, error }
    })?;
    let shipper = match (&settings.ship, &settings.sink, trail.spool()) {
        (Some(ship), AuditSink::File(path), Some(spool)) => {
            let context = ShipContext {
                settings: ship.clone(),
                trail: path.clone(),
                verifier,
                read_env,
                metrics: Arc::clone(metrics),
                released: Arc::new(|| u64::MAX),
            };
            Some(Shipper::start(context, Arc::clone(spool)).map_err(StartError::Runtime)?)
        }
        _ => None,
    };
    Ok((Arc::new(trail), shipper))
}
