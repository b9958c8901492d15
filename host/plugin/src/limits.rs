//! Every limit that a plugin meets, in one place.

/// What a plugin may use. The defaults are what every run has; a test that wants to reach a limit sets a lower one.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Size of a component file, in bytes.
    pub file_bytes: u64,
    /// Core modules in a component, and components inside it.
    pub modules: usize,
    /// Functions in a component, those of all its modules together. With the next it bounds how long compiling takes.
    pub functions: usize,
    /// Size of one function's code, in bytes.
    pub function_bytes: usize,
    /// Control flow of all functions together: 100 × loops², branches² and 250 × branches × locals of each, added up. Compiling takes
    /// about 2 ns for each unit, beyond what it takes for each byte.
    pub tangle: u64,
    /// Elements of tables and globals in a component: each takes 16 bytes in every core instance.
    pub items: usize,
    /// Linear memory, in bytes, all memories of an instance together.
    pub memory_bytes: usize,
    /// Linear memories an instance may have.
    pub memories: usize,
    /// Elements of one table.
    pub table_elements: usize,
    /// Tables an instance may have.
    pub tables: usize,
    /// Core instances inside one component instance.
    pub instances: usize,
    /// Stack of the guest, in bytes.
    pub stack_bytes: usize,
    /// Work in one call, in units of wasmtime's fuel: about one an instruction. The same on every machine.
    pub fuel_per_call: u64,
    /// Work in all calls of an instance together, in the same units: a plugin that stays below the limit of each call ends too.
    pub fuel_per_instance: u64,
    /// The safety net beneath the fuel, in seconds of wall-clock for one call; reaching it is a fault of the machine, not of the
    /// plugin.
    pub seconds_per_call: u64,
    /// What one call may hand to the host, in bytes as the host would hold them.
    pub answer_bytes: usize,
    /// What all look-ups, log lines and prints of one call may copy, in bytes; fuel does not count the host's own work.
    pub copied_per_call: u64,
    /// What those of all calls of an instance may copy, in bytes.
    pub copied_per_instance: u64,
    /// Length of one string in a plugin's answer, in bytes.
    pub string_bytes: usize,
    /// Length of a hypothesis' reasoning, in bytes.
    pub reasoning_bytes: usize,
    /// What an instance may write to its standard error and to the log, in bytes; the rest is dropped.
    pub stderr_bytes: usize,
    /// Bytes of pixels in one look-up.
    pub raster_bytes: usize,
    /// Entries in one step (`brief.room`).
    pub room: u32,
    /// Entries in all steps of a session.
    pub entries_per_session: usize,
    /// What the plans of a session may hold, in bytes.
    pub bytes_per_session: usize,
    /// Regions of one hypothesis, those added and those taken away together.
    pub regions_per_hypothesis: usize,
    /// Regions of all hypotheses of a session.
    pub regions_per_session: usize,
    /// Points in one prompt.
    pub points_per_prompt: usize,
    /// Answers to one request.
    pub samples_per_request: u32,
    /// Answers to all requests of a session.
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
