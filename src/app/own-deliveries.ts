import type { DeployedCode } from '#app/deployed-code.ts'
import type { PlaceTools } from '#app/place-tools.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { createActiveWorkBoard } from '#factory/active-work.ts'
import type { Work } from '#factory/dispatcher.ts'
import type { Lake } from '#lake/lake.ts'
import { createMailer } from '#mail/mailer.ts'
import type { Answers } from '#serving/answer.ts'
import { createDeliveryWork } from '#serving/deliveries/carry-out.ts'
import type { Deliveries } from '#serving/deliveries/deliveries.ts'
import { openDeliveries } from '#serving/deliveries/open-deliveries.ts'
import { openTargets } from '#targets/open-targets.ts'

/** The deliveries of a place of this process. */
export function openOwnDeliveries(tools: PlaceTools, catalog: Catalog): Deliveries {
  const { config, secrets, random, ids, directory, egress, clock, log } = tools
  const targets = openTargets({ catalog, secrets, egress, clock, random, log })
  return openDeliveries({
    catalog,
    secrets,
    random,
    ids,
    publicUrl: () => directory.publicUrl(),
    keepMs: config.deliveryKeepMs,
    targets: new Map(targets.map((target) => [target.kind, target])),
  })
}

/** What carries them out. */
export function openDeliveryWork(
  tools: PlaceTools,
  place: {
    readonly catalog: Catalog
    readonly lake: Lake
    readonly deployed: DeployedCode
    readonly answers: Answers
    readonly deliveries: Deliveries
  },
): Work {
  const { config, secrets, ids, clock, random, log, directory } = tools
  const { catalog, lake, deployed, answers, deliveries } = place
  const mailer = createMailer({ isOn: config.smtpUrl !== null, secrets, ids })
  const board = createActiveWorkBoard()
  return (...batch) => {
    const work = createDeliveryWork({
      catalog,
      lake,
      answers,
      deliveries,
      mailer,
      board,
      clock,
      random,
      log: log.with({ part: 'deliveries' }),
      attachBytes: config.deliveryAttachBytes,
      directory: directory.catalog(),
      datasets: async (tenant) => (await deployed.factory.forTenant(tenant)).datasets,
      endpoint: (tenant, name, version) => directory.endpoints().find(tenant, name, version),
    })
    return work(...batch)
  }
}
