//! The trail of the running guard: its keys read, its file opened, and what sends it elsewhere started and ended.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::StartError;
use crate::audit::checkpoint::Signer;
use crate::audit::ids::ResourceIds;
use crate::audit::otlp::Exporter;
use crate::audit::settings::{AuditSettings, AuditSink, ResourceIdsShown};
use crate::audit::ship::{Released, ShipContext, Shipper};
use crate::audit::{Trail, TrailKeys};
use crate::credentials::ReadEnv;
use crate::credentials::pseudonym::PseudonymKey;
use crate::metrics::Metrics;

/// What sends the trail elsewhere.
pub(super) struct Senders {
    exporter: Option<Exporter>,
    shipper: Option<Shipper>,
}

impl Senders {
    /// Sends what is left, the last lines before the segments that hold them may go. The trail is closed by then.
    pub(super) fn close(self) {
        if let Some(exporter) = self.exporter {
            exporter.close();
        }
        if let Some(shipper) = self.shipper {
            shipper.close();
        }
    }
}

/// Opens the trail and starts what sends it elsewhere.
pub(super) fn start(
    settings: &AuditSettings,
    read_env: ReadEnv,
    metrics: &Arc<Metrics>,
) -> Result<(Arc<Trail>, Senders), StartError> {
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
    let trail = Arc::new(trail);
    trail.count_in(metrics);
    let exporter = match (&settings.otlp, &settings.sink) {
        (Some(otlp), AuditSink::File(path)) => Some(
            Exporter::start(otlp.clone(), path, Arc::clone(&trail), Arc::clone(metrics))
                .map_err(StartError::Runtime)?,
        ),
        _ => None,
    };
    // A segment that the collector has not read must not be deleted.
    let released: Released = match exporter.as_ref().map(Exporter::taken) {
        Some(taken) => Arc::new(move || taken.load(Ordering::Relaxed)),
        None => Arc::new(|| u64::MAX),
    };
    let shipper = match (&settings.ship, &settings.sink, trail.spool()) {
        (Some(ship), AuditSink::File(path), Some(spool)) => {
            let context = ShipContext {
                settings: ship.clone(),
                trail: path.clone(),
                verifier,
                read_env,
                metrics: Arc::clone(metrics),
                released,
            };
            Some(Shipper::start(context, Arc::clone(spool)).map_err(StartError::Runtime)?)
        }
        _ => None,
    };
    Ok((trail, Senders { exporter, shipper }))
}
