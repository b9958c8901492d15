"""Reads the files of an evaluation as people do, and prints what it finds as JSON. The words: the folder of the evaluation, and files of schemas."""

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path

import jsonschema
import pandas
import polars
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

folder = Path(sys.argv[1])
found = {}
for name in ["samples", "choices", "candidates", "matches"]:
    table = pandas.read_parquet(folder / f"{name}.parquet", engine="pyarrow")
    other = polars.read_parquet(folder / f"{name}.parquet", use_pyarrow=True)
    # In a CSV file, an empty text and an empty cell are the same.
    text = pandas.read_csv(folder / f"{name}.csv", dtype={n: str for n, t in table.dtypes.items() if t == object or str(t) in ("str", "string")}, keep_default_na=False, na_values={n: [""] for n, t in table.dtypes.items() if str(t).startswith("float")})
    pandas.testing.assert_frame_equal(table, text, check_dtype=False, check_exact=True)
    pandas.testing.assert_frame_equal(table, other.to_pandas(), check_dtype=False)
    found[name] = {"rows": len(table), "columns": list(table.columns)}

for file in sys.argv[2:]:
    schema = json.loads(Path(file).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    name = Path(file).stem
    own = {"index": "index.jsonl", "run-timings": "timings.json"}.get(name, f"{name}.json")
    in_folder = name != "timings" and (folder / own).exists()
    found_files = [folder / own] if in_folder else sorted(folder.glob(f"samples/*/{own}"))
    assert found_files, own
    for one in found_files:
        texts = one.read_text().splitlines() if one.suffix == ".jsonl" else [one.read_text()]
        for text in texts:
            jsonschema.validate(json.loads(text), schema)

choices = pandas.read_parquet(folder / "choices.parquet")
reruns = choices[choices.way == "rerun"]
found["giou"] = {f"{s} {n}": float(of.iou.mean()) for (s, n), of in reruns.groupby(["strategy", "n"])}
candidates = pandas.read_parquet(folder / "candidates.parquet")
found["oracle"] = float(candidates.groupby(["sample", "repeat"]).iou.max().mean())

with redirect_stdout(sys.stderr):
    found["masks"] = {}
    for file in sorted((folder / "masks").glob("*.json")):
        if file.name.startswith("coco.truth"):
            continue
        repeat = ".repeat-2" if file.stem.endswith(".repeat-2") else ""
        truth = COCO(str(folder / f"masks/coco.truth{repeat}.json"))
        results = truth.loadRes(str(file))
        ious = []
        for image in truth.getImgIds():
            wanted = [truth.annToRLE(a) for a in truth.loadAnns(truth.getAnnIds(image))]
            chosen = [results.annToRLE(a) for a in results.loadAnns(results.getAnnIds(image))]
            ious.append(float(coco_mask.iou(chosen, wanted, [0])[0][0]) if wanted and chosen else 0.0)
        evaluation = COCOeval(truth, results, "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        found["masks"][file.stem] = {"giou": sum(ious) / len(ious), "ap50": float(evaluation.stats[1])}
print(json.dumps(found))
