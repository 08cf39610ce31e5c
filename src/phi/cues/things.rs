//! Words for what has a name and is no person: `organization`, `pool`, `cluster`. A `name` inside one of these is its own.

/// Is this word, in lower case and without separators, one for a thing?
pub(super) fn is_thing(word: &str) -> bool {
    THINGS.binary_search(&word).is_ok()
}

/// Is it one for several of them? Persons in a list may be agents, drivers or wards.
pub(super) fn are_things(word: &str) -> bool {
    const PERSONS: [&str; 12] = [
        "agent",
        "consumer",
        "controller",
        "distributor",
        "driver",
        "handler",
        "maker",
        "monitor",
        "observer",
        "producer",
        "ward",
        "worker",
    ];
    word.strip_suffix('s').is_some_and(|one| is_thing(one) && !PERSONS.contains(&one))
}

#[rustfmt::skip] // Rows of words, not one a line. Sorted.
const THINGS: [&str; 217] = [
    "action", "activitydefinition", "adapter", "agent", "app", "appliance", "application", "argument", "artifact",
    "asn", "attribute", "bed", "branch", "brand", "broker", "browser", "bucket", "build", "building", "button",
    "cache", "category", "channel", "check", "class", "clinic", "cloud", "cluster", "codesystem", "collection",
    "color", "column", "command", "config", "connector", "consumer", "container", "continent", "controller",
    "country", "cronjob", "currency", "dashboard", "database", "dataset", "datasource", "datastore", "department",
    "deployment", "device", "directory", "disk", "distributor", "driver", "endpoint", "entitytype", "env",
    "environment", "envvar", "event", "exchange", "executable", "extension", "facility", "feature", "file",
    "firmware", "flag", "flow", "folder", "font", "function", "group", "handler", "healthcareservice", "hospital",
    "host", "hypervisor", "icon", "image", "implementation", "index", "instance", "instrumentationscope", "insurer",
    "integration", "interface", "job", "kernel", "keyspace", "kind", "lab", "laboratory", "language", "level",
    "library", "limit", "location", "logger", "loglevel", "machine", "maker", "managingorganization", "manufacturer",
    "measure", "medication", "metric", "middleware", "module", "monitor", "mount", "namespace", "network", "node",
    "observer", "operatingroom", "option", "orchestrator", "org", "organisation", "organization", "os", "package",
    "page", "parameter", "partition", "payer", "permission", "pharmacy", "pipeline", "plan", "plandefinition",
    "plugin", "pod", "policy", "pool", "probe", "procedure", "process", "producer", "product", "program",
    "questionnaire", "queue", "region", "release", "replica", "replicaset", "repo", "repository", "resourcetype",
    "room", "route", "rule", "runtime", "schedule", "scheduler", "schema", "scope", "screen", "sdk", "server",
    "service", "serviceprovider", "setting", "shard", "signal", "site", "software", "span", "stackframe", "stage",
    "statefulset", "step", "storage", "store", "stream", "study", "subscription", "supplier", "symbol", "table",
    "tablespace", "tactic", "tag", "task", "team", "technique", "template", "tenant", "test", "theatre", "theme",
    "thread", "threat", "timezone", "tool", "topic", "trace", "trigger", "unit", "useragent", "valueset", "var",
    "variable", "vendor", "vhost", "virtualmachine", "vlan", "vm", "volume", "ward", "webhook", "widget", "wing",
    "worker", "workflow",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_sorted_so_that_each_is_found() {
        assert!(THINGS.is_sorted_by(|a, b| a < b));
        assert!(is_thing("pool") && !is_thing("patient"));
    }
}
