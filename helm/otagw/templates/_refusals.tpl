{{/* What could be rendered, and would not work or would give a secret away. */}}

{{- define "otagw.refuseSecrets" -}}
{{- $path := .path -}}
{{- if kindIs "map" .value -}}
  {{- range $key, $value := .value -}}
    {{- include "otagw.refuseSecrets" (dict "path" (printf "%s.%s" $path $key) "key" $key "value" $value) -}}
  {{- end -}}
{{- else if kindIs "slice" .value -}}
  {{- range $i, $value := .value -}}
    {{- include "otagw.refuseSecrets" (dict "path" (printf "%s[%d]" $path $i) "key" $.key "value" $value) -}}
  {{- end -}}
{{- else if and .value (regexMatch "(?i)(passw|secret|token|[.]pem$|jaas)" .key) (not (regexMatch "^[$][{](env|file):[^}]+[}]$" (toString .value))) -}}
  {{- if not (regexMatch "(?i)(_file|_files|[.]location|endpoint[.]url|token_.*(life|timeout)|_tag)$" .key) -}}
    {{- fail (printf "%s: a secret is given by reference only, ${file:..} or ${env:..}; see secretFiles" $path) -}}
  {{- end -}}
{{- end -}}
{{- end -}}

{{- define "otagw.refusals" -}}
{{- $v := .Values -}}
{{- $s := include "otagw.settings" . | fromYaml -}}
{{- include "otagw.refuseSecrets" (dict "path" "settings" "key" "" "value" $v.settings) -}}
{{- $store := $s.store | default dict -}}
{{- $queue := $s.queue | default dict -}}
{{- $connection := toString ($store.connection | default "") -}}
{{- if or (regexMatch "://[^/@:]*:[^/@]*@" $connection) (regexMatch "(?i)passw" $connection) -}}
  {{- fail "settings.store.connection: has a password in it; name the Secret in postgres.existingSecret" -}}
{{- end -}}
{{- if eq $v.mode "embedded" -}}
  {{- if or (ne ($store.kind | default "sqlite") "sqlite") (ne ($queue.kind | default "embedded") "embedded") -}}
    {{- fail "settings: postgres and kafka want mode: grown" -}}
  {{- end -}}
  {{- if or $v.autoscaling.enabled $v.keda.enabled }}{{ fail "autoscaling, keda: the embedded store serves one pod; they want mode: grown" }}{{ end -}}
{{- else -}}
  {{- if or (ne $store.kind "postgres") (ne $queue.kind "kafka") }}{{ fail "settings: mode: grown wants store.kind postgres and queue.kind kafka" }}{{ end -}}
  {{- if and $v.autoscaling.enabled $v.keda.enabled }}{{ fail "autoscaling, keda: one of the two" }}{{ end -}}
  {{- if $v.persistence.existingClaim }}{{ fail "persistence.existingClaim: is for mode: embedded; each grown pod has a claim of its own" }}{{ end -}}
{{- end -}}
{{- $routes := list -}}
{{- range $s.routes }}{{ $routes = append $routes (toString .name) }}{{ end -}}
{{- range $route, $_ := $v.smscPasswords -}}
  {{- if not (has $route $routes) }}{{ fail (printf "smscPasswords.%s: no route of settings.routes has this name" $route) }}{{ end -}}
{{- end -}}
{{- if and $v.dm.ingress.enabled (not $v.dm.ingress.host) }}{{ fail "dm.ingress.host: which name do devices call?" }}{{ end -}}
{{- if and (hasKey $v.settings "bip") (not $v.bip.enabled) }}{{ fail "settings.bip: wants bip.enabled, or no card reaches it" }}{{ end -}}
{{- if eq (include "otagw.httpPort" .) "0" }}{{ fail "settings.http.port: 0 is found by no Service" }}{{ end -}}
{{- if dig "tls" "client_ca" "" $s.http -}}
  {{- fail "settings.http.tls.client_ca: the probes of Kubernetes show no certificate; keep others away with networkPolicy.httpFrom and http.tokens" -}}
{{- end -}}
{{- if and $v.serviceMonitor.enabled (eq (include "otagw.httpScheme" .) "HTTPS") (not $v.serviceMonitor.tlsConfig) -}}
  {{- fail "serviceMonitor.tlsConfig: the HTTP port speaks TLS: which authority does Prometheus trust ({ca: {secret: {name: .., key: ca.crt}}, serverName: ..})?" -}}
{{- end -}}
{{- $properties := $queue.properties | default dict -}}
{{- if and $v.keda.enabled (hasPrefix "SASL" (get $properties "security.protocol" | default "PLAINTEXT" | upper)) (not (and $v.kafka.existingSecret $v.kafka.usernameKey)) -}}
  {{- fail "keda: SASL wants kafka.existingSecret with key and usernameKey, which KEDA reads too" -}}
{{- end -}}
{{- if and $v.keda.enabled (not $v.keda.tls.existingSecret) (or (hasKey $properties "ssl.ca.location") (hasKey $properties "ssl.certificate.location")) -}}
  {{- fail "keda.tls.existingSecret: the brokers' authority, or the certificate that they ask for, is a file of the pods, which KEDA does not see; name the Secret that has it" -}}
{{- end -}}
{{- if and $v.keda.enabled $v.keda.tls.existingSecret (hasKey $properties "ssl.certificate.location") (not (and $v.keda.tls.certKey $v.keda.tls.keyKey)) -}}
  {{- fail "keda.tls: certKey and keyKey: the brokers ask for a certificate, and KEDA needs one too" -}}
{{- end -}}
{{- end -}}
