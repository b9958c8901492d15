//! All limits that plugins have.

/// What a plugin may use. Runs use the defaults. Tests lower a limit in order to reach it.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Size of a component file, in bytes.
    pub file_bytes: u64,
    /// Number of core modules in a component, and also the number of components inside it.
    pub modules: usize,
    /// Number of functions in a component, in all its modules together. With `function_bytes`, it bounds the time for compiling.
    pub functions: usize,
    /// Size of one function's code, in bytes.
    pub function_bytes: usize,
    /// Complexity of the control flow of all functions together: the sum of 100 × loops², branches² and 250 × branches × locals of
    /// each function. Compiling takes about 2 ns per unit, in addition to the time per byte.
    pub tangle: u64,
    /// Number of table elements and globals in a component. Each takes 16 bytes in every core instance.
    pub items: usize,
    /// Size of all linear memories of an instance together, in bytes.
    pub memory_bytes: usize,
    /// Number of linear memories of an instance.
    pub memories: usize,
    /// Number of elements in one table.
    pub table_elements: usize,
    /// Number of tables of an instance.
    pub tables: usize,
    /// Number of core instances inside one component instance.
    pub instances: usize,
    /// Size of the guest's stack, in bytes.
    pub stack_bytes: usize,
    /// Work in one call, in units of wasmtime's fuel: about one per instruction. It is the same on every machine.
    pub fuel_per_call: u64,
    /// Work in instantiation and all calls of an instance together, in the same units. It ends a plugin that stays below the limit
    /// of each call but never finishes.
    pub fuel_per_instance: u64,
    /// Wall-clock time of one call, in seconds. It is a safety net in addition to fuel: if it is reached, the machine is overloaded
    /// and the plugin is not at fault.
    pub seconds_per_call: u64,
    /// Size of what one call returns or passes to the host, in bytes as the host holds them.
    pub answer_bytes: usize,
    /// Bytes copied by all look-ups, log lines and prints of one call. Fuel does not count this work, because the host does it.
    pub copied_per_call: u64,
    /// Bytes copied by the look-ups, log lines and prints of all calls of an instance.
    pub copied_per_instance: u64,
    /// Length of one string in a plugin's answer, in bytes.
    pub string_bytes: usize,
    /// Length of a hypothesis' reasoning, in bytes.
    pub reasoning_bytes: usize,
    /// Bytes that an instance may write to its standard error, and also to the log. The rest is dropped.
    pub stderr_bytes: usize,
    /// Size of the pixels of one look-up, in bytes.
    pub raster_bytes: usize,
    /// Number of entries in one step (`brief.room`).
    pub room: u32,
    /// Number of entries in all steps of a session.
    pub entries_per_session: usize,
    /// Size of all steps of a session, in bytes.
    pub bytes_per_session: usize,
    /// Number of regions of one hypothesis, `regions` and `without` together.
    pub regions_per_hypothesis: usize,
    /// Number of regions of all hypotheses of a session.
    pub regions_per_session: usize,
    /// Number of points in one prompt.
    pub points_per_prompt: usize,
    /// Number of answers to one request.
    pub samples_per_request: u32,
    /// Number of answers to all requests of a session.
    pub answers_per_session: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self {
            file_bytes: 64 * MIB as u64,
            modules: 32,
            functions: 65_536,
            function_bytes: MIB,
            tangle: 20_000_000_000,
            items: 100_000,
            memory_bytes: 256 * MIB,
            memories: 1,
            table_elements: 100_000,
            tables: 16,
            instances: 32,
            stack_bytes: MIB / 2,
            fuel_per_call: 2_000_000_000,
            fuel_per_instance: 100_000_000_000,
            seconds_per_call: 60,
            answer_bytes: 4 * MIB,
            copied_per_call: 1 << 30,
            copied_per_instance: 1 << 35,
            string_bytes: 64 * 1024,
            reasoning_bytes: MIB,
            stderr_bytes: 64 * 1024,
            raster_bytes: 16 * MIB,
            room: 4096,
            entries_per_session: 1 << 20,
            bytes_per_session: 64 * MIB,
            regions_per_hypothesis: 64,
            regions_per_session: 4096,
            points_per_prompt: 64,
            samples_per_request: 64,
            answers_per_session: 1 << 14,
        }
    }
}
