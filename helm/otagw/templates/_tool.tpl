{{/* A container that runs one command of the program on the settings: takes `name` and `args`. */}}
{{- define "otagw.toolContainer" -}}
- name: {{ .name }}
  {{- include "otagw.containerBasics" .root | nindent 2 }}
  args: {{ concat .args (list "--config" "/etc/otagw/otagw.yaml") | toJson }}
  env: {{- include "otagw.environment" .root | nindent 4 }}
  resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 1Gi}}
  volumeMounts: {{- include "otagw.mounts" .root | nindent 4 }}
{{- end -}}
