"""Writes pickles.json: small pickles and NumPy files in hexadecimal, with what they hold.

    python3 pickles.py PYTHON2

PYTHON2 is a Python 2.7, which writes its pickles itself. Python 3 needs NumPy. In the expected values, a dict is {"dict":
[[key, value], ...]} and a byte string of Python 3 is {"bytes": "hexadecimal"}. Tuples and sets are lists.
"""

import io
import json
import os
import subprocess
import sys

OLD = r'''
# -*- coding: latin-1 -*-
import cPickle, json, pickle
ref = lambda n: {
    'sent_ids': [3 * n, 3 * n + 1], 'file_name': 'COCO_train2014_000000581857_%d.jpg' % n, 'ann_id': 1719310 + n,
    'ref_id': n, 'image_id': 581857, 'split': 'train', 'category_id': 1,
    'sentences': [
        {'tokens': ['the', 'lady', 'with', 'the', 'blue', 'shirt'], 'raw': 'THE LADY', 'sent_id': 3 * n, 'sent': 'the lady'},
        {'tokens': [u'caf\xe9', u'\u4e2d', u'\U0001f600'], 'raw': u'caf\xe9 \u4e2d \U0001f600 a\\u0041 \n', 'sent_id': 3 * n + 1,
         'sent': "it's \"here\" \\ \t\n\r\x00"}]}
one = ref(0)
values = [
    ('refs', [one, ref(1), one]),
    ('numbers', [0, 1, -1, 255, 256, 65535, 65536, -2 ** 31, 2 ** 31, 2 ** 63 - 1, -2 ** 63, 0L, 5L, -300L, 2 ** 40, True, False, None,
                 0.0, -1.5, 1e300, 0.1]),
    ('utf8', ['caf\xc3\xa9', '\xe4\xb8\xad' * 86]),
    ('latin1', ['caf\xe9', '\xe9' * 256]),
    ('nested', [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], {}, [[[]]], {1: {2: ()}}]),
]
def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {'dict': [[plain(key), plain(item)] for key, item in value.items()]}
    if isinstance(value, str):
        try:
            return value.decode('utf-8')
        except UnicodeDecodeError:
            return value.decode('latin-1')
    return value
cases = []
for name, value in values:
    for module in (pickle, cPickle):
        for protocol in range(3):
            data = module.dumps(value, protocol)
            cases.append({'name': 'python 2 %s %s %d' % (module.__name__, name, protocol), 'hex': data.encode('hex'),
                          'value': plain(value)})
print(json.dumps(cases))
'''


def plain(value):
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[plain(key), plain(item)] for key, item in value.items()]}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": value.hex()}
    return value


def new():
    import pickle

    def ref(n):
        return {
            "ref_id": n, "image_id": 581857, "split": "train", "file_name": f"COCO_train2014_{n:012}.jpg",
            "ann_id": [-1] if n else [1719310, 2197], "category_id": [1, 1], "sent_ids": [n], "no_target": bool(n),
            "sentences": [{"tokens": ["两", "café", "😀"], "raw": "两 café 😀 \\u0041 \n\r\0\x1a", "sent_id": n, "sent": "x" * 256}],
        }

    one = ref(0)
    values = [
        ("grefs", [one, ref(1), one], 0),
        ("numbers", [0, 1, -1, 255, 256, 65535, 65536, -2**31, 2**31, 2**63 - 1, -2**63, 2**40, -2**40, True, False, None, 0.0,
                     -1.5, 1e300, 0.1], 0),
        ("nested", [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], {}, [[[]]], {1: {2: ()}}, {(1, "a"): None}], 0),
        ("many", list(range(1005)), 5),
        ("bytes", [b"", b"\x00\xff", b"a" * 256], 3),
        ("sets", [{5}, frozenset([6, 7]), set(), frozenset()], 4),
        ("bytearray", bytearray(b"\x01\x02"), 5),
    ]
    for name, value, first in values:
        for protocol in range(first, 6):
            yield name, protocol, pickle.dumps(value, protocol), value
            yield name + " in Python", protocol, pickle._dumps(value, protocol), value


def foreign():
    """Pickles that hold more than plain data, with what the error must name."""
    import collections
    import pickle

    import numpy

    class Evil:
        def __reduce__(self):
            return os.system, ("exit 1",)

    for protocol in range(6):
        yield "posix.system", pickle.dumps([1, Evil()], protocol)
        yield "collections.OrderedDict", pickle.dumps({"a": collections.OrderedDict(b=1)}, protocol)
        yield "numpy", pickle.dumps([numpy.int64(5)], protocol)
    yield "_codecs.encode", pickle.dumps(b"\xff", 2)
    yield "__builtin__.set", pickle.dumps({1}, 2)


def arrays():
    import numpy

    mask = numpy.zeros((5, 70), bool)
    mask[1:3, 2:67] = True
    mask[4, 69] = True
    save = lambda array, version=None: (lambda file: (numpy.lib.format.write_array(file, array, version), file.getvalue())[1])(io.BytesIO())
    fortran = numpy.asfortranarray
    rows = ["".join("#" if inside else "." for inside in row) for row in mask]
    yield "bool", save(mask), rows
    yield "bool 2", save(mask, (2, 0)), rows
    yield "bool 3", save(mask, (3, 0)), rows
    yield "uint8", save(mask.astype(numpy.uint8) * 255), rows
    yield "int8", save(-mask.astype(numpy.int8)), rows
    yield "fortran", save(fortran(mask)), rows
    yield "1HW", save(mask[None]), rows
    yield "1HW fortran", save(fortran(mask[None])), rows
    yield "HW1", save(mask[..., None]), rows
    yield "HW1 fortran", save(fortran(mask[..., None])), rows
    yield "pixel", save(mask[4:, 69:, None]), ["#"]
    for name, array in [
        ("<f4", mask.astype("f4")), (">i2", mask.astype(">i2")), ("|O", numpy.array([[None]])), ("|S3", numpy.array([[b"abc"]])),
        ("[('descr', '|b1')]", numpy.zeros((2, 2), [("descr", "?")])),
        ("(70,)", mask[0]), ("()", mask[0, 0]), ("(5, 14, 5)", mask.reshape(5, 14, 5)), ("(1, 70, 1)", mask[None, 0, :, None]),
        ("(0, 70)", mask[:0]), ("(1, 5, 70, 1)", mask[None, ..., None]), ("(1, 65536)", numpy.zeros((1, 65536), bool)[:, :1]),
    ]:
        data = save(array)
        if name == "(1, 65536)":  # Only the header; its pixels would not be read.
            data = save(numpy.broadcast_to(False, (1, 65536)))[:128]
        yield name, data, None


def main():
    old = json.loads(subprocess.run([sys.argv[1], "-c", OLD], check=True, capture_output=True).stdout)
    cases = old + [
        {"name": f"python 3 {name} {protocol}", "hex": data.hex(), "value": plain(value)} for name, protocol, data, value in new()
    ]
    seen, unlike = set(), []
    for case in cases:  # Most are the same from the fast and the slow pickler.
        if case["hex"] not in seen:
            seen.add(case["hex"])
            unlike.append(case)
    values = []  # Each is written once.
    for case in unlike:
        value = json.dumps(case["value"])
        if value not in values:
            values.append(value)
        case["value"] = values.index(value)
    result = {
        "values": [json.loads(value) for value in values],
        "pickles": unlike,
        "foreign": [{"name": name, "hex": data.hex()} for name, data in foreign()],
        "arrays": [{"name": name, "hex": data.hex(), "rows": rows} for name, data, rows in arrays()],
    }
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pickles.json")
    with open(path, "w", encoding="utf-8") as file:
        lists = [f" {json.dumps(key)}: [\n" + ",\n".join("  " + json.dumps(item) for item in result[key]) + "\n ]" for key in result]
        file.write("{\n" + ",\n".join(lists) + "\n}\n")


main()
