import { Link } from '@tanstack/react-router'

import { useOperation } from '~/api/operation.ts'
import {
  healthOf,
  lookOfTenant,
  type TenantHealth,
  type TenantPulse,
} from '~/screens/operate-health/health.ts'
import { healthTexts as texts } from '~/texts/operate-health.ts'
import { ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'

const EVERY_MS = 15_000
const SHOWN = 200

/** Data and freshness of every tenant: a mark for each, the worst first. */
export function TenantSquares() {
  const tenants = useOperation('tenants.overview', { limit: SHOWN }, { everyMs: EVERY_MS })
  return (
    <Card
      title={texts.data}
      note={texts.dataNote}
      actions={
        <ButtonLink size="small" to="/operate/tenants">
          {texts.allTenants}
        </ButtonLink>
      }
    >
      <Answer of={tenants}>
        {({ tenants: all, next }) => (
          <div className="flex flex-col gap-3">
            <Legend tenants={all} />
            <ul className="flex flex-wrap gap-1">
              {all.map((pulse) => (
                <li key={pulse.slug}>
                  <Square pulse={pulse} />
                </li>
              ))}
            </ul>
            {next !== null && (
              <p className="text-xs text-faint">{texts.moreTenants(formatCount(SHOWN))}</p>
            )}
          </div>
        )}
      </Answer>
    </Card>
  )
}

function Square({ pulse }: { readonly pulse: TenantPulse }) {
  const health = healthOf(pulse)
  const words = texts.tenant(pulse.name, texts.tenantStates[health])
  return (
    <Link
      to="/t/$tenant/home"
      params={{ tenant: pulse.slug }}
      title={words}
      aria-label={words}
      className="flex size-7 items-center justify-center rounded border border-line bg-sunken hover:border-line-strong"
    >
      <StatusMark state={lookOfTenant[health]} size={13} />
    </Link>
  )
}

const order: readonly TenantHealth[] = ['troubled', 'breached', 'failed', 'dead', 'halted', 'well']

function Legend({ tenants }: { readonly tenants: readonly TenantPulse[] }) {
  const counts = Map.groupBy(tenants, healthOf)
  return (
    <ul className="num flex flex-wrap gap-x-5 gap-y-1 text-sm">
      {order.map((health) => {
        const count = counts.get(health)?.length ?? 0
        return count === 0 ? null : (
          <li key={health} className="flex items-center gap-1.5">
            <StatusMark state={lookOfTenant[health]} />
            {formatCount(count)} {texts.tenantStates[health]}
          </li>
        )
      })}
    </ul>
  )
}
