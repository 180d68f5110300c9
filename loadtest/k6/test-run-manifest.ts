/** A `TestRun` of k6-operator that plays an exported folder from a volume, on several pods. */
export function testRunManifest(facts: {
  readonly name: string
  readonly segments: number
  readonly vus: number
}): string {
  // Kubernetes names take no plus sign; k6 takes 1 to 5 MB a virtual user.
  const name = facts.name.replaceAll(/[^a-z0-9-]/g, '-')
  const memoryMb = Math.max(512, Math.ceil((facts.vus * 5) / facts.segments))
  return `apiVersion: k6.io/v1alpha1
kind: TestRun
metadata:
  name: ${name}
spec:
  # Each pod plays its own part of the sessions; results are merged from their points.
  parallelism: ${facts.segments}
  separate: true
  script:
    # The whole folder, on a volume: a ConfigMap ends at about one megabyte.
    volumeClaim:
      name: ${name}
      file: replay.ts
      readOnly: true
  arguments: --out csv=/results/points.csv.gz --system-tags status -e BASE_URL=$(BASE_URL)
  runner:
    image: grafana/k6:2.2.0
    env:
      - name: BASE_URL
        value: http://edge:8080
      - name: K6_CSV_TIME_FORMAT
        value: unix_milli
    resources:
      requests:
        cpu: "2"
        memory: ${memoryMb}Mi
      limits:
        memory: ${memoryMb * 2}Mi
  cleanup: post
`
}
