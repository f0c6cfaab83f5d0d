import type { DeployedCode } from '#app/deployed-code.ts'
import type { PlaceTools } from '#app/place-tools.ts'
import type { Catalog } from '#catalog/catalog.ts'
import type { OutboxWorker } from '#catalog/outbox.ts'
import { startReports } from '#reports/start-reports.ts'
import type { Answers } from '#serving/answer.ts'
import type { Deliveries } from '#serving/deliveries/deliveries.ts'

/** Carries out the reports of a place of this process. */
export function startOwnReports(
  { clock, random, log, directory }: PlaceTools,
  place: {
    readonly catalog: Catalog
    readonly deployed: DeployedCode
    readonly answers: Answers
    readonly deliveries: Deliveries
  },
): OutboxWorker {
  const { catalog, deployed, answers, deliveries } = place
  return startReports({
    catalog,
    answers,
    deliveries,
    clock,
    random,
    log: log.with({ part: 'reports' }),
    directory: directory.catalog(),
    datasets: async (tenant) => (await deployed.factory.forTenant(tenant)).datasets,
    endpoint: (tenant, name, version) => directory.endpoints().find(tenant, name, version),
  })
}
