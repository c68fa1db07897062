# Debian packages by `cmake --build --preset release --target package`: the command, the libraries, and what programs
# are built with. What each needs of others is found by dpkg-shlibdeps.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the cep project <cep@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL cep runtime dev)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR})
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)

set(CPACK_COMPONENT_CEP_DESCRIPTION "The command cep runs rule files over records in files and pipes:
JSON lines, CSV, logfmt, lines of logs. A rule says what must follow
what, by which key and within which time; each match in event time
becomes an alert.")
set(CPACK_DEBIAN_CEP_PACKAGE_NAME cep)
set(CPACK_DEBIAN_CEP_PACKAGE_SECTION utils)

set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "The libraries: libcep compiles rules and matches the events that a
program pushes; libcep-io adds files and pipes.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libcep${CEP_SO})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)

set(CPACK_COMPONENT_DEV_DESCRIPTION "What programs are built with: headers, archives, pkg-config files and
the CMake package of libcep and libcep-io.")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libcep-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS OFF)
# pkg-config wants the files of what the archives need.
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
  "libcep${CEP_SO} (= ${PROJECT_VERSION}), libpcre2-dev, libsimdjson-dev, libxxhash-dev, zlib1g-dev, libzstd-dev")

foreach(pair cep:cep runtime:libcep${CEP_SO} dev:libcep-dev)
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 component)
  list(GET pair 1 package)
  install(FILES cmake/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
endforeach()
install(FILES examples/sshd.cep examples/sshd.log DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/cep/examples COMPONENT cep)
install(FILES examples/first_match.c examples/json_records.c DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libcep-dev/examples COMPONENT dev)
include(CPack)
