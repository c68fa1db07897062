#!/usr/bin/env python3
# build_wheel.py - a wheel of the package in python/ with a libcep in it; needs nothing but Python and binutils.
#
#   build_wheel.py LIBCEP FOLDER    writes FOLDER/cep_engine-VERSION-TAG.whl and prints its path
#
# The tag says what the library needs: manylinux with the newest glibc that it names if it needs the C library alone,
# else linux, which is for machines like this one. The same files give the same bytes.
import base64
import hashlib
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import zipfile

SOURCE = pathlib.Path(__file__).resolve().parents[1]
NAME = "cep-engine"  # "cep" is somebody else's
SYSTEM = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
SONAME = "libcep.so.0.1"


def version():
    header = (SOURCE / "cep/cep.h").read_text(encoding="utf-8")
    return ".".join(re.search(rf"CEP_VERSION_{part} (\d+)", header).group(1) for part in ("MAJOR", "MINOR", "PATCH"))


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def tag_of(library):
    needed = set(re.findall(r"NEEDED\s+(\S+)", said("objdump", "-p", library)))
    glibc = max((tuple(map(int, found)) for found in re.findall(r"\bGLIBC_(\d+)\.(\d+)", said("objdump", "-T", library))), default=(2, 17))
    machine = platform.machine()
    return f"py3-none-{'manylinux_%d_%d' % glibc if needed <= SYSTEM else 'linux'}_{machine}"


def metadata():
    readme = (SOURCE / "python/README.md").read_text(encoding="utf-8")
    return (f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version()}\nSummary: Patterns in streams of events\nLicense: Apache-2.0\n"
            "Requires-Python: >=3.9\nClassifier: Typing :: Typed\nClassifier: License :: OSI Approved :: Apache Software License\n"
            f"Description-Content-Type: text/markdown\n\n{readme}").encode()


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: build_wheel.py LIBCEP FOLDER")
    library, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    tag, stem = tag_of(library), f"{NAME.replace('-', '_')}-{version()}"
    files = {f"cep/{path.name}": path.read_bytes() for path in sorted((SOURCE / "python/cep").iterdir()) if path.is_file()}
    with tempfile.TemporaryDirectory() as scratch:
        bare = os.path.join(scratch, SONAME)
        subprocess.run(["strip", "--strip-unneeded", "-o", bare, library], check=True)
        files[f"cep/{SONAME}"] = pathlib.Path(bare).read_bytes()
    info = f"{stem}.dist-info"
    files[f"{info}/METADATA"] = metadata()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: build_wheel\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    files[f"{info}/licenses/LICENSE"] = (SOURCE / "LICENSE").read_bytes()
    record = ""
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(data)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{stem}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    print(wheel)


main()
