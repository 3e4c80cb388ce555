{{- define "chatplatform.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end }}
{{- end }}

{{- define "chatplatform.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "chatplatform.labels" -}}
{{ include "chatplatform.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "chatplatform.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag }}{{ end }}
{{- end }}

{{/* What every pod has in common, beside its container. */}}
{{- define "chatplatform.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* What every container has in common. */}}
{{- define "chatplatform.container" -}}
image: {{ include "chatplatform.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "chatplatform.env" -}}
{{- range $name, $value := .Values.env -}}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{ end }}
{{- range .Values.secret.keys -}}
- {name: {{ . }}_FILE, value: /run/secrets/chatplatform/{{ . }}}
{{ end }}
{{- if .Values.attachments.existingClaim }}
- {name: ATTACHMENTS_FOLDER, value: /data/attachments}
{{- end }}
{{- end }}

{{- define "chatplatform.mounts" -}}
- {name: temporary, mountPath: /tmp}
- {name: secret, mountPath: /run/secrets/chatplatform, readOnly: true}
{{- if .Values.attachments.existingClaim }}
- {name: attachments, mountPath: /data/attachments}
{{- end }}
{{- end }}

{{- define "chatplatform.volumes" -}}
{{- if not (or .Values.attachments.existingClaim .Values.env.ATTACHMENTS_S3_BUCKET) }}
{{- fail "Attachments need one place for all pods: set attachments.existingClaim or env.ATTACHMENTS_S3_BUCKET." }}
{{- end -}}
- name: temporary
  emptyDir: {}
- name: secret
  secret:
    secretName: {{ .Values.secret.name }}
    defaultMode: 0440
{{- if .Values.attachments.existingClaim }}
- name: attachments
  persistentVolumeClaim: {claimName: {{ .Values.attachments.existingClaim }}}
{{- end }}
{{- end }}
