"""
Writes a small LMDB database of pictures as LSUN has them, packed into test/golden/lmdb.json. Needs lmdb and Pillow:
python test/golden/make_lmdb.py
"""

import base64
import gzip
import io
import json
import tempfile
from pathlib import Path

import lmdb
from PIL import Image

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        base = lmdb.open(folder, map_size=1 << 22)
        for i in range(90):
            # Some pictures are larger than a page: they lie in pages of their own.
            size = (40, 40) if i % 30 == 7 else (2, 2)
            out = io.BytesIO()
            image = Image.new("RGB", size, (i, 2 * i, 255 - i))
            image.save(out, "BMP" if size[0] == 40 else "PNG")
            with base.begin(write=True) as transaction:
                transaction.put(f"{i:040x}".encode(), out.getvalue())
        base.close()
        data = Path(folder, "data.mdb").read_bytes()
    packed = base64.b64encode(gzip.compress(data, 9)).decode()
    Path(__file__).with_name("lmdb.json").write_text(json.dumps({"data": packed}))
