//! A fleet of model servers that know the truth, for tests: the contracts of vLLM, SAM and CLIP on loopback, with slots, latencies and faults.
