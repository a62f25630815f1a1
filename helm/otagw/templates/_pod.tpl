{{/* What every pod of the chart has in common: the gateway's, the jobs', the test's. */}}

{{- define "otagw.podBasics" -}}
serviceAccountName: {{ if .hook }}default{{ else }}{{ include "otagw.serviceAccount" .root }}{{ end }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "otagw.containerBasics" -}}
image: {{ include "otagw.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  {{- toYaml .Values.containerSecurityContext | nindent 2 }}
{{- end -}}

{{- define "otagw.environment" -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The gateway takes a key file that only its owner may read. Files of a Secret belong to root and the pod's group: it gets a copy in memory. */}}
{{- define "otagw.keysContainer" -}}
- name: keys
  {{- include "otagw.containerBasics" . | nindent 2 }}
  command: [/usr/bin/install, -m, "0400", /run/otagw/kek-secret/kek, /run/otagw/keys/kek]
  resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 32Mi}}
  volumeMounts:
    - {name: kek-secret, mountPath: /run/otagw/kek-secret, readOnly: true}
    - {name: keys, mountPath: /run/otagw/keys}
{{- end -}}

{{- define "otagw.mounts" -}}
- {name: config, mountPath: /etc/otagw, readOnly: true}
- {name: secrets, mountPath: /run/otagw/secrets, readOnly: true}
- {name: keys, mountPath: /run/otagw/keys, readOnly: true}
- {name: data, mountPath: /var/lib/otagw}
- {name: tmp, mountPath: /tmp}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "otagw.configKey" -}}
{{- . | replace "/" "__" -}}
{{- end -}}

{{- define "otagw.configData" -}}
otagw.yaml: |
  # Made by the chart of its values; `otagw check` reads it before every upgrade.
  {{- include "otagw.settings" . | nindent 2 }}
{{- range $path, $text := .Values.files }}
{{ include "otagw.configKey" $path }}: |
  {{- $text | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Without the data. Takes `configMap`, the name of the one with the settings. */}}
{{- define "otagw.volumes" -}}
{{- $v := .root.Values -}}
- name: config
  projected:
    sources:
      - configMap:
          name: {{ .configMap }}
          items:
            - {key: otagw.yaml, path: otagw.yaml}
            {{- range $path, $_ := $v.files }}
            - {key: {{ include "otagw.configKey" $path | quote }}, path: {{ $path | quote }}}
            {{- end }}
      {{- range $v.filesConfigMaps }}
      - configMap:
          {{- toYaml . | nindent 10 }}
      {{- end }}
- name: secrets
  projected:
    defaultMode: 288  # 0440; not every reader of YAML knows octal
    sources: {{ include "otagw.secretSources" .root | fromJsonArray | toYaml | nindent 6 }}
- name: kek-secret
  secret:
    secretName: {{ include "otagw.kekSecret" .root }}
    defaultMode: 288  # 0440; not every reader of YAML knows octal
    items:
      - {key: {{ $v.keyEncryptionKey.key | quote }}, path: kek}
- name: keys
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
- name: tmp
  emptyDir: {medium: Memory, sizeLimit: 64Mi}
{{- with $v.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "otagw.secretSources" -}}
{{- $v := .Values -}}
{{- $wanted := list -}}
{{- range $route, $from := $v.smscPasswords -}}
  {{- $wanted = append $wanted (list $from.existingSecret $from.key (printf "smsc-%s" $route)) -}}
{{- end -}}
{{- if $v.postgres.existingSecret }}{{ $wanted = append $wanted (list $v.postgres.existingSecret $v.postgres.key "postgres-password") }}{{ end -}}
{{- if $v.kafka.existingSecret -}}
  {{- $wanted = append $wanted (list $v.kafka.existingSecret $v.kafka.key "kafka-password") -}}
  {{- if $v.kafka.usernameKey }}{{ $wanted = append $wanted (list $v.kafka.existingSecret $v.kafka.usernameKey "kafka-username") }}{{ end -}}
{{- end -}}
{{- with $v.http.tls.existingSecret -}}
  {{- $wanted = append $wanted (list . "tls.crt" "http-tls.crt") -}}
  {{- $wanted = append $wanted (list . "tls.key" "http-tls.key") -}}
{{- end -}}
{{- range $i, $token := $v.http.tokens }}{{ $wanted = append $wanted (list .existingSecret .key (printf "token-%d-%s" $i .name)) }}{{ end -}}
{{- range $v.secretFiles }}{{ $wanted = append $wanted (list .existingSecret .key .file) }}{{ end -}}
{{- $sources := list -}}
{{- $paths := list -}}
{{- range $wanted -}}
  {{- if has (index . 2) $paths }}{{ fail (printf "secretFiles: %s is named twice" (index . 2)) }}{{ end -}}
  {{- $paths = append $paths (index . 2) -}}
  {{- $sources = append $sources (dict "secret" (dict "name" (index . 0) "items" (list (dict "key" (index . 1) "path" (index . 2))))) -}}
{{- end -}}
{{- toJson $sources -}}
{{- end -}}

{{- define "otagw.probe" -}}
httpGet: {path: {{ .path }}, port: http, scheme: {{ include "otagw.httpScheme" .root }}}
{{ toYaml .how }}
{{- end -}}
