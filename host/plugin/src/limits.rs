//! Every limit that a plugin meets, in one place.

/// What a plugin may use. The defaults are what every run has; a test that wants to reach a limit sets a lower one.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Size of a component file, in bytes. Compiling takes time in proportion, and is bounded by nothing else.
    pub file_bytes: u64,
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
    /// The safety net beneath the fuel, in seconds of wall-clock for one call; reaching it is a fault of the machine, not of the
    /// plugin.
    pub seconds_per_call: u64,
    /// What one call may hand to the host, in bytes as the host would hold them.
    pub answer_bytes: usize,
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
    /// Answers to one request.
    pub samples_per_request: u32,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1 << 20;
        Self {
            file_bytes: 64 * MIB as u64,
            memory_bytes: 256 * MIB,
            memories: 1,
            table_elements: 100_000,
            tables: 16,
            instances: 64,
            stack_bytes: MIB / 2,
            fuel_per_call: 2_000_000_000,
            seconds_per_call: 60,
            answer_bytes: 4 * MIB,
            string_bytes: 64 * 1024,
            reasoning_bytes: MIB,
            stderr_bytes: 64 * 1024,
            raster_bytes: 16 * MIB,
            room: 4096,
            entries_per_session: 1 << 20,
            samples_per_request: 64,
        }
    }
}
