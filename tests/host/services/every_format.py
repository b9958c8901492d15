"""Writes a list of photos with masks in every form of data set. The words: the list of lines with image, query and mask, and a folder."""

import json
import pickle
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from pycocotools import mask as coco

source, out = Path(sys.argv[1]), Path(sys.argv[2])
entries = []
for number, line in enumerate(source.read_text().splitlines()):
    line = json.loads(line)
    mask = np.asarray(Image.open(source.parent / line["mask"])) > 127
    entries.append((number, (source.parent / line["image"]).read_bytes(), line["query"], mask))


def write(path, data):
    path = out / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def runs(mask):
    """The first and the last column of each run of pixels in a row, with the row."""
    for y, row in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
        for first, behind in edges.reshape(-1, 2):
            yield int(first), int(behind) - 1, y


def outline(mask):
    """One polygon around all pixels of each row."""
    rows = [y for y in range(mask.shape[0]) if mask[y].any()]
    left = [(int(np.flatnonzero(mask[y])[0]), y) for y in rows]
    right = [(int(np.flatnonzero(mask[y])[-1]) + 1, y) for y in reversed(rows)]
    return [float(number) for point in left + right for number in point]


def encoded(mask):
    rle = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": rle["size"], "counts": rle["counts"].decode()}


for number, photo, query, mask in entries:
    shapes = [{"label": "target", "points": [[a, y], [b, y]]} for a, b, y in runs(mask)]
    write(f"reasonseg/val/{number}.json", json.dumps({"shapes": shapes, "text": [query], "is_sentence": True}))
    write(f"reasonseg/val/{number}.jpg", photo)
    write(f"images/{number}.jpg", photo)

images = pa.array([{"bytes": photo, "path": None} for _, photo, *_ in entries], pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
queries = [query for *_, query, _ in entries]
rows = {
    "image": images,
    "text": queries,
    "mask": pa.array([mask.tolist() for *_, mask in entries], pa.list_(pa.list_(pa.bool_()))),
    "image_id": [str(number) for number, *_ in entries],
    "ann_id": ["0" for _ in entries],
}
(out / "reasonseg-parquet").mkdir(parents=True)
pq.write_table(pa.table(rows), out / "reasonseg-parquet/val.parquet", row_group_size=16)
rows = {
    "question_id": [str(number) for number, *_ in entries],
    "image": images,
    "answer": [[query] for query in queries],
    "segmentation": pa.array([outline(mask) for *_, mask in entries], pa.list_(pa.float32())),
}
(out / "refcoco-parquet").mkdir(parents=True)
pq.write_table(pa.table(rows), out / "refcoco-parquet/val.parquet", row_group_size=16)

about = [{"id": number, "file_name": f"{number}.jpg", "width": mask.shape[1], "height": mask.shape[0]} for number, _, _, mask in entries]
annotations = [
    {"id": number + 1, "image_id": number, "category_id": 1, "iscrowd": 0, "bbox": [0, 0, 1, 1], "segmentation": encoded(mask)}
    for number, _, _, mask in entries
]
instances = {"images": about, "annotations": annotations, "categories": [{"id": 1, "name": "thing"}]}
refs = [
    {"ref_id": number, "ann_id": number + 1, "image_id": number, "category_id": 1, "split": "val", "sentences": [{"sent": query, "sent_id": number}]}
    for number, _, query, _ in entries
]
write("refcoco/instances.json", json.dumps(instances))
write("refcoco/refs(unc).p", pickle.dumps(refs, protocol=2))
write("grefcoco/instances.json", json.dumps(instances))
write("grefcoco/grefs(unc).json", json.dumps([dict(ref, ann_id=[ref["ann_id"]], category_id=[1]) for ref in refs]))
captioned = [dict(annotation, caption=query) for annotation, query in zip(annotations, queries)]
write("coco/instances.json", json.dumps(dict(instances, annotations=captioned)))
muse = [
    {"file_name": f"{number}.jpg", "height": mask.shape[0], "width": mask.shape[1], "questions": [query], "answers": [[{"segmentation": encoded(mask)}]]}
    for number, _, query, mask in entries
]
write("muse/muse_val.json", json.dumps(muse))
