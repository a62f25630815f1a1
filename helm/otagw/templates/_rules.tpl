{{/* files/alerts.yaml with what the values change. */}}
{{- define "otagw.rules" -}}
{{- $v := .Values.prometheusRule -}}
{{- $file := .Files.Get "files/alerts.yaml" | fromYaml -}}
{{- $known := list -}}
{{- $groups := list -}}
{{- range $group := $file.groups -}}
  {{- $rules := list -}}
  {{- range $rule := $group.rules -}}
    {{- $known = append $known $rule.alert -}}
    {{- if not (has $rule.alert $v.disabled) -}}
      {{- $anchor := printf "%s#%s" $v.runbook (lower $rule.alert) -}}
      {{- $rule = mustMergeOverwrite $rule (dict "annotations" (dict "runbook_url" $anchor)) -}}
      {{- $rule = mustMergeOverwrite $rule (get $v.overrides $rule.alert | default dict | deepCopy) -}}
      {{- $rules = append $rules $rule -}}
    {{- end -}}
  {{- end -}}
  {{- if $rules }}{{ $groups = append $groups (dict "name" $group.name "rules" $rules) }}{{ end -}}
{{- end -}}
{{- range concat $v.disabled (keys $v.overrides) -}}
  {{- if not (has . $known) }}{{ fail (printf "prometheusRule: there is no alert %s" .) }}{{ end -}}
{{- end -}}
{{- dict "groups" $groups | toYaml -}}
{{- end -}}
