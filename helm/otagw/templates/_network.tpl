{{- define "otagw.egress" -}}
{{- if .ports -}}
- ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ int . }}}
    {{- end }}
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* Ports of "a:9092,b:9093", each the one given where none is said. */}}
{{- define "otagw.portsOf" -}}
{{- $ports := list -}}
{{- range splitList "," .text -}}
  {{- $ports = append $ports (regexFind ":[0-9]+$" (trim .) | trimPrefix ":" | default (toString $.otherwise) | int) -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

{{/* Of a connection of libpq: postgresql://user@a:5432,b:5433/name?.. or host=.. port=.. */}}
{{- define "otagw.databasePorts" -}}
{{- if contains "://" . -}}
  {{- $hosts := regexReplaceAll "^[^/]*//([^/@]*@)?([^/?]*).*$" . "${2}" -}}
  {{- include "otagw.portsOf" (dict "text" $hosts "otherwise" 5432) -}}
{{- else -}}
  {{- $said := regexFind "port *= *'?[0-9,]+" . | regexFind "[0-9,]+$" -}}
  {{- $ports := list -}}
  {{- range splitList "," ($said | default "5432") }}{{ $ports = append $ports (int .) }}{{ end -}}
  {{- $ports | uniq | toJson -}}
{{- end -}}
{{- end -}}
