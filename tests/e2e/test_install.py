#!/usr/bin/env python3
# test_install.py - an installed copy serves a program through pkg-config and through CMake.
import pathlib
import re
import subprocess

from command import CEP, SOURCE, Case, main

BUILD = pathlib.Path(CEP).parent
CMAKE = """cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES C)
find_package(cep REQUIRED)
add_executable(shared first_match.c)
target_link_libraries(shared PRIVATE cep::cep)
add_executable(static first_match.c)
target_link_libraries(static PRIVATE cep::cep_static)
add_executable(pipes io.c)
target_link_libraries(pipes PRIVATE cep::cep_io)
add_executable(static_pipes io.c)
target_link_libraries(static_pipes PRIVATE cep::cep_io_static)
"""
IO = """#include <cep/cep_io.h>
int main(void)
{
  cep_config *config;
  cep_sink *sink;
  if (cep_config_new(NULL, &config) < 0 || cep_sink_file(config, "-", &sink, NULL) < 0) return 1;
  cep_sink_free(sink);
  cep_config_free(config);
  return 0;
}
"""


class Install(Case):
    def sh(self, *args, **env):
        done = subprocess.run(args, cwd=self.folder, capture_output=True, text=True, env=self.environment(**env), timeout=300)
        self.assertEqual(done.returncode, 0, f"{args}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def setUp(self):
        super().setUp()
        if "CEP_SANITIZE:STRING=\n" not in (BUILD / "CMakeCache.txt").read_text():
            self.skipTest("a sanitizer's build is not installed")
        self.prefix = self.folder / "prefix"
        self.sh("cmake", "--install", str(BUILD), "--prefix", str(self.prefix))
        self.lib = next(self.prefix.rglob("libcep.so")).parent
        self.write("first_match.c", (SOURCE / "examples/first_match.c").read_text())
        self.write("io.c", IO)

    def test_what_is_there(self):
        have = {str(path.relative_to(self.prefix)) for path in self.prefix.rglob("*") if path.is_file()}
        for name in ("bin/cep", "include/cep/cep.h", "include/cep/cep_io.h", "include/cep/cep_lang.h", "include/cep/stats.def"):
            self.assertIn(name, have)
        self.assertEqual(sorted(p.name for p in self.lib.glob("lib*")),
                         ["libcep-io.a", "libcep-io.so", "libcep-io.so.0.1", "libcep.a", "libcep.so", "libcep.so.0.1"])
        version = re.search(r"CEP_VERSION_MAJOR (\d+).*?CEP_VERSION_MINOR (\d+).*?CEP_VERSION_PATCH (\d+)",
                            (self.prefix / "include/cep/cep.h").read_text(), re.S).groups()
        self.assertRegex(self.sh(str(self.prefix / "bin/cep"), "--version"),
                         rf"\Acep {re.escape('.'.join(version))}\nfeatures: files pipes\b.*\n\Z")

    def test_pkg_config(self):
        path = str(self.lib / "pkgconfig")
        for name, source in (("cep", "first_match.c"), ("cep-io", "io.c")):
            flags = self.sh("pkg-config", f"--define-variable=prefix={self.prefix}", "--cflags", "--libs", name, PKG_CONFIG_PATH=path)
            flags = flags.replace("/usr/local", str(self.prefix)).split()
            self.sh("cc", source, "-o", name, *flags)
            self.sh(f"./{name}", LD_LIBRARY_PATH=str(self.lib))

    def test_the_cmake_package(self):
        self.write("CMakeLists.txt", CMAKE)
        self.sh("cmake", "-G", "Ninja", "-S", ".", "-B", "b", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        self.sh("cmake", "--build", "b")
        self.assertEqual(self.sh("b/shared"), self.sh("b/static"))
        self.assertIn('"detection"', self.sh("b/shared"))
        self.sh("b/pipes")
        self.sh("b/static_pipes")


main()
