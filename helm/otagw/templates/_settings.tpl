{{/*
The settings as the gateway reads them: what the chart knows, then what the values say. Everything that needs a part of them takes it
from here, so that a port or a deadline is said once.
*/}}
{{- define "otagw.settings" -}}
{{- $v := .Values -}}
{{- $known := dict "data_directory" "/var/lib/otagw/data" "key_encryption_key_file" "/run/otagw/keys/kek"
    "http" (dict "address" "0.0.0.0" "port" 8080) -}}
{{- if $v.http.tls.existingSecret -}}
  {{- $_ := set $known.http "tls" (dict "certificate" "/run/otagw/secrets/http-tls.crt" "key" "/run/otagw/secrets/http-tls.key") -}}
{{- end -}}
{{- $tokens := list -}}
{{- range $i, $token := $v.http.tokens -}}
  {{- $tokens = append $tokens (dict "name" .name "role" .role "file" (printf "/run/otagw/secrets/token-%d-%s" $i .name)) -}}
{{- end -}}
{{- if $tokens }}{{ $_ := set $known.http "tokens" $tokens }}{{ end -}}
{{- if eq $v.mode "grown" -}}
  {{- $store := dict "kind" "postgres" -}}
  {{- if $v.postgres.existingSecret }}{{ $_ := set $store "password" "${file:/run/otagw/secrets/postgres-password}" }}{{ end -}}
  {{- $queue := dict "kind" "kafka" "instance_id" "${env:POD_NAME}" -}}
  {{- $properties := dict -}}
  {{- if $v.kafka.existingSecret }}{{ $_ := set $properties "sasl.password" "${file:/run/otagw/secrets/kafka-password}" }}{{ end -}}
  {{- if and $v.kafka.existingSecret $v.kafka.usernameKey }}{{ $_ := set $properties "sasl.username" "${file:/run/otagw/secrets/kafka-username}" }}{{ end -}}
  {{- if $properties }}{{ $_ := set $queue "properties" $properties }}{{ end -}}
  {{- $_ := set $known "store" $store -}}
  {{- $_ := set $known "queue" $queue -}}
{{- end -}}
{{- if $v.bip.enabled -}}
  {{- $bip := dict "address" "0.0.0.0" "port" (int $v.bip.port) -}}
  {{- if $v.bip.tcpPort }}{{ $_ := set $bip "tcp" (dict "port" (int $v.bip.tcpPort)) }}{{ end -}}
  {{- $_ := set $known "bip" $bip -}}
{{- end -}}
{{- $profiles := list -}}
{{- range $path := concat (keys $v.files) (include "otagw.mappedPaths" . | fromJsonArray) | sortAlpha -}}
  {{- if regexMatch "^profiles/[^/]+[.]ya?ml$" $path }}{{ $profiles = append $profiles $path }}{{ end -}}
{{- end -}}
{{- if $profiles }}{{ $_ := set $known "profile_files" $profiles }}{{ end -}}
{{- $settings := mustMergeOverwrite $known (deepCopy $v.settings) -}}
{{- if eq $v.mode "grown" -}}
  {{- if not $settings.store.connection }}{{ fail "settings.store.connection: mode: grown wants it" }}{{ end -}}
  {{- if not $settings.queue.bootstrap_servers }}{{ fail "settings.queue.bootstrap_servers: mode: grown wants it" }}{{ end -}}
{{- end -}}
{{- range $route := $settings.routes -}}
  {{- if and (hasKey $v.smscPasswords (toString $route.name)) (not (hasKey $route "password")) -}}
    {{- $_ := set $route "password" (printf "${file:/run/otagw/secrets/smsc-%s}" $route.name) -}}
  {{- end -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end -}}

{{- define "otagw.mappedPaths" -}}
{{- $paths := list -}}
{{- range .Values.filesConfigMaps }}{{ range .items }}{{ $paths = append $paths .path }}{{ end }}{{ end -}}
{{- toJson $paths -}}
{{- end -}}

{{- define "otagw.httpPort" -}}
{{- (include "otagw.settings" . | fromYaml).http.port | int -}}
{{- end -}}

{{- define "otagw.httpScheme" -}}
{{- .Values.probes.scheme | default (ternary "HTTPS" "HTTP" (not (empty (dig "tls" "certificate" "" (include "otagw.settings" . | fromYaml).http)))) -}}
{{- end -}}

{{/* SIGTERM to the end: longer than the drain, or the kernel ends it in the middle. */}}
{{- define "otagw.gracePeriod" -}}
{{- $flow := (include "otagw.settings" . | fromYaml).flow | default dict -}}
{{- $least := add (include "otagw.seconds" ($flow.drain_deadline | default "30s") | int) (.Values.preStopSleepSeconds | int) 15 -}}
{{- $wanted := .Values.terminationGracePeriodSeconds | int -}}
{{- if and $wanted (lt $wanted (int $least)) -}}
{{- fail (printf "terminationGracePeriodSeconds: %d is too short: flow.drain_deadline, preStopSleepSeconds and 15 s are %d" $wanted $least) -}}
{{- end -}}
{{- max $wanted (int $least) -}}
{{- end -}}
