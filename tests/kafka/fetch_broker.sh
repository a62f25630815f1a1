#!/bin/sh
# fetch_broker.sh LIB_DIR [VERSION]: lays the jars of the Apache Kafka broker into LIB_DIR, once; several may call at the same time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
case $1 in /*) lib=$1 ;; *) lib=$PWD/$1 ;; esac  # Maven takes a relative path from its own directory
version=${2:-$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/pom.xml")}
mkdir -p "$lib"
exec 9>"$lib.lock"
flock 9
[ "$(cat "$lib/complete" 2>/dev/null || true)" != "$version" ] || exit 0
for tool in mvn java; do
  command -v "$tool" >/dev/null || {
    echo "kafka: '$tool' is not installed; the broker needs a JDK 17 and Maven (packages openjdk-17-jdk-headless, maven)" >&2
    exit 1
  }
done
rm -rf "$lib"
mkdir -p "$lib"
mvn -B -q -f "$here/pom.xml" -Dkafka.version="$version" -DincludeScope=runtime -DoutputDirectory="$lib" \
    dependency:copy-dependencies || {
  echo "kafka: Maven could not fetch the broker; is org.apache.kafka:kafka_2.13:$version reachable?" >&2
  exit 1
}
ls "$lib"/kafka_2.13-"$version".jar >/dev/null
echo "$version" >"$lib/complete"
