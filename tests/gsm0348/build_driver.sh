#!/bin/sh
# build_driver.sh SOURCE_DIR BUILD_DIR: compiles the Java driver and lays its libraries beside it (BUILD_DIR/classes, lib).
set -eu
for tool in mvn java; do
  command -v "$tool" >/dev/null || {
    echo "gsm0348: '$tool' is not installed; the cross-check needs a JDK 17 and Maven (packages openjdk-17-jdk-headless, maven)" >&2
    exit 1
  }
done
mkdir -p "$2"
mvn -B -q -f "$1/pom.xml" -Dbuild.to="$2" process-classes || {
  echo "gsm0348: Maven could not build the driver; is org.opentelecoms.gsm0348:gsm0348-crypto reachable?" >&2
  exit 1
}
ls "$2"/lib/gsm0348-crypto-*.jar >/dev/null
