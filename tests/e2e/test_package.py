#!/usr/bin/env python3
# test_package.py - the Debian packages: what is in them, what they need, and that they work where they are unpacked.
import pathlib
import re
import shutil
import subprocess
import sys

from command import CEP, SKIPPED, SOURCE, Case, main

BUILD = pathlib.Path(CEP).parent
TOOLS = ("cpack", "dpkg-deb", "dpkg-shlibdeps")


class Package(Case):
    def sh(self, *args, **env):
        done = subprocess.run(args, cwd=self.folder, capture_output=True, text=True, env=self.environment(**env), timeout=300)
        self.assertEqual(done.returncode, 0, f"{args}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def test_the_packages(self):
        self.sh("cpack", "--config", str(BUILD / "CPackConfig.cmake"), "-G", "DEB", "-B", str(self.folder))
        found = {path.name.split("_")[0]: path for path in self.folder.glob("*.deb")}
        self.assertEqual(sorted(found), ["cep", "libcep-dev", "libcep0.1"])
        needs = {name: self.sh("dpkg-deb", "-f", str(path), "Depends") for name, path in found.items()}
        for name in ("libpcre2-8-0", "libsimdjson", "libzstd1", "libc6"):
            self.assertIn(name, needs["cep"])
            self.assertIn(name, needs["libcep0.1"])
        self.assertRegex(needs["libcep-dev"], r"libcep0\.1 \(= [\d.]+\).*libpcre2-dev")
        root = self.folder / "root"
        for path in found.values():
            listed = self.sh("dpkg-deb", "-c", str(path))
            self.assertEqual(re.findall(r" \./(?!usr/)\S+", listed), [])
            self.sh("dpkg-deb", "-x", str(path), str(root))
        for path in ("share/man/man1/cep.1.gz", "share/man/man7/cep-language.7.gz", "share/bash-completion/completions/cep",
                     "share/zsh/vendor-completions/_cep", "share/fish/vendor_completions.d/cep.fish", "share/doc/cep/copyright"):
            self.assertTrue((root / "usr" / path).is_file(), path)
        examples = root / "usr/share/doc/cep/examples"
        shown = self.sh(str(root / "usr/bin/cep"), "run", "--input", f"Sshd={examples / 'sshd.log'}", str(examples / "sshd.cep"))
        self.assertEqual(len(shown.splitlines()), 4)
        libraries = next(root.rglob("libcep.so")).parent
        flags = self.sh("pkg-config", "--cflags", "--libs", "cep", PKG_CONFIG_PATH=str(libraries / "pkgconfig")).split()
        self.assertIn(str(root), " ".join(flags))
        self.sh("cc", str(root / "usr/share/doc/libcep-dev/examples/first_match.c"), "-o", "first_match", *flags)
        self.assertIn('"detection"', self.sh("./first_match", LD_LIBRARY_PATH=str(libraries)))


if not all(map(shutil.which, TOOLS)) or "CEP_SANITIZE:STRING=\n" not in (BUILD / "CMakeCache.txt").read_text():
    print("skipped: a tool of packages is missing, or this is a sanitizer's build")
    sys.exit(SKIPPED)
main()
