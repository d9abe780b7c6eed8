{{- /* The name of everything; short, since a node's journal is named like its pod and has 32 letters at most. */ -}}
{{- define "vault.name" -}}{{ .Release.Name | trunc 24 | trimSuffix "-" }}{{- end }}

{{- define "vault.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "vault.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "vault.image" -}}
{{- with .Values.image }}{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}{{ end }}
{{- end }}

{{- /* What testimonyd is told. Paths are those that vault.pod mounts. A container has one user. */ -}}
{{- define "vault.config" -}}
{{- $s3 := dict "endpoint" .Values.objects.endpoint "bucket" .Values.objects.bucket "access_key" .Values.objects.accessKey "secret_key_file" "/run/secrets/objects/secret-key" -}}
{{- $ours := dict
  "data_dir" "/work/vault" "keys_dir" "/keys/vault"
  "listen" "0.0.0.0:8080" "i_know_this_is_public" true "i_know_secret_files_are_readable" true "origins" .Values.origins
  "store" (dict "engine" "postgres" "url_file" "/run/secrets/database/url")
  "blobs" (dict "engine" "s3" "s3" $s3)
  "journal" (dict "dir" "/journal/vault")
  "log" (dict "format" "json")
-}}
{{- mustMergeOverwrite (deepCopy .Values.settings) $ours | toYaml }}
{{- end }}

{{- /* The pod, in the words of the restricted pod security standard. .args is what testimonyd is asked for. */ -}}
{{- define "vault.pod" -}}
serviceAccountName: {{ include "vault.name" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecret }}
imagePullSecrets: [{name: {{ . | quote }}}]
{{- end }}
terminationGracePeriodSeconds: 45
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
containers:
  - name: testimonyd
    image: {{ include "vault.image" .root | quote }}
    imagePullPolicy: IfNotPresent
    args: {{ toJson .args }}
    env:
      - {name: TESTIMONYD_CONFIG, value: /etc/testimonyd/testimonyd.yaml}
      {{- if .serves }}
      - name: TESTIMONYD_JOURNAL_NODE
        valueFrom: {fieldRef: {fieldPath: metadata.name}}
      {{- else }}
      - {name: TESTIMONYD_JOURNAL_NODE, value: task}
      {{- end }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    {{- with .root.Values.resources }}
    resources: {{ toJson . }}
    {{- end }}
    {{- if .serves }}
    ports: [{name: http, containerPort: 8080, protocol: TCP}]
    startupProbe: {httpGet: {path: /livez, port: http}, periodSeconds: 2, failureThreshold: 60}
    livenessProbe: {httpGet: {path: /livez, port: http}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
    readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 5, timeoutSeconds: 6, failureThreshold: 2}
    {{- end }}
    volumeMounts:
      - {name: config, mountPath: /etc/testimonyd, readOnly: true}
      - {name: database, mountPath: /run/secrets/database, readOnly: true}
      - {name: objects, mountPath: /run/secrets/objects, readOnly: true}
      - {name: keys, mountPath: /keys}
      - {name: journal, mountPath: /journal}
      - {name: work, mountPath: /work}
volumes:
  - {name: config, configMap: {name: {{ include "vault.name" .root }}}}
  - {name: database, secret: {secretName: {{ .root.Values.database.secret | quote }}, defaultMode: 0444}}
  - {name: objects, secret: {secretName: {{ .root.Values.objects.secret | quote }}, defaultMode: 0444}}
  - {name: keys, persistentVolumeClaim: {claimName: {{ .root.Values.keys.claim | quote }}}}
  - {name: journal, persistentVolumeClaim: {claimName: {{ .root.Values.journal.claim | quote }}}}
  - {name: work, emptyDir: {sizeLimit: 4Gi}}  # ciphertext on its way to the bucket
{{- end }}
