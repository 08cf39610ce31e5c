//! Where secrets are kept: a page of their own that is not swapped out, not dumped, and wiped when its last user goes.
//!
//! The system limits how much a process may lock (`RLIMIT_MEMLOCK`); beyond it a secret is kept all the same, and
//! [`all_locked`] says so.

use std::sync::atomic::{AtomicBool, Ordering};

use memmap2::{Advice, MmapMut};
use zeroize::Zeroize;

static UNLOCKED: AtomicBool = AtomicBool::new(false);

/// Whether every secret so far could be kept from being swapped out.
pub fn all_locked() -> bool {
    !UNLOCKED.load(Ordering::Relaxed)
}

/// Bytes that never change, in locked memory where the system allows it.
pub(super) enum LockedBytes {
    Page {
        page: MmapMut,
        length: usize,
    },
    /// No page could be had.
    Heap(Vec<u8>),
}

impl LockedBytes {
    pub(super) fn of(secret: &[u8]) -> LockedBytes {
        let Ok(mut page) = MmapMut::map_anon(secret.len().max(1)) else {
            UNLOCKED.store(true, Ordering::Relaxed);
            return LockedBytes::Heap(secret.to_vec());
        };
        let kept = page
            .lock()
            .and_then(|()| page.advise(Advice::DontDump))
            .and_then(|()| page.advise(Advice::DontFork));
        if kept.is_err() {
            UNLOCKED.store(true, Ordering::Relaxed);
        }
        if let Some(room) = page.get_mut(..secret.len()) {
            room.copy_from_slice(secret);
        }
        LockedBytes::Page { page, length: secret.len() }
    }
}

impl AsRef<[u8]> for LockedBytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            LockedBytes::Page { page, length } => page.get(..*length).unwrap_or_default(),
            LockedBytes::Heap(bytes) => bytes,
        }
    }
}

impl Drop for LockedBytes {
    fn drop(&mut self) {
        match self {
            LockedBytes::Page { page, .. } => page.as_mut().zeroize(),
            LockedBytes::Heap(bytes) => bytes.zeroize(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_back_as_it_was() {
        for secret in [&b""[..], b"k", &[7; 5000]] {
            assert_eq!(LockedBytes::of(secret).as_ref(), secret);
        }
        assert_eq!(LockedBytes::Heap(vec![1, 2]).as_ref(), [1, 2]);
    }
}
