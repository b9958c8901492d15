//! How much a vLLM server has to do, from its metrics.

/// What a server says of its load.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ServerLoad {
    /// Requests that wait in the server: it cannot begin them yet.
    pub waiting: f64,
    /// How often it has put off a request that it had begun, since its start, because memory ran out.
    pub preemptions: f64,
}

impl ServerLoad {
    /// Reads vLLM's metrics, in the text format of Prometheus. Engines of one server are added up. `None` if the text does not say how many
    /// requests wait: another kind of server.
    pub(super) fn read(metrics: &str) -> Option<Self> {
        let sum = |name: &str| {
            let values = metrics.lines().filter_map(|line| {
                let rest = line.strip_prefix("vllm:")?.strip_prefix(name)?;
                // A name may begin like another one.
                let value = match rest.strip_prefix('{') {
                    Some(labels) => labels.rsplit_once('}')?.1,
                    None => rest.strip_prefix(' ')?,
                };
                value.split_whitespace().next()?.parse::<f64>().ok().filter(|value| value.is_finite())
            });
            values.fold(None, |sum: Option<f64>, value| Some(sum.unwrap_or_default() + value))
        };
        let preemptions = sum("num_preemptions_total").unwrap_or_default();
        sum("num_requests_waiting").map(|waiting| Self { waiting, preemptions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metrics_of_vllm_are_read() {
        let metrics = "# HELP vllm:num_requests_waiting Number of requests waiting.\n# TYPE vllm:num_requests_waiting gauge\n\
            vllm:num_requests_waiting{engine=\"0\",model_name=\"a } b\"} 3.0\nvllm:num_requests_waiting{engine=\"1\"} 2\n\
            vllm:num_requests_waiting_by_reason{reason=\"x\"} 50\nvllm:num_preemptions_total 7 1700000000\n";
        assert_eq!(ServerLoad::read(metrics), Some(ServerLoad { waiting: 5.0, preemptions: 7.0 }));
        for other in ["", "<html>", "sglang:num_queue_reqs 4\n", "vllm:num_requests_waiting NaN\n"] {
            assert_eq!(ServerLoad::read(other), None, "{other}");
        }
    }
}
