import { useQuery } from '@tanstack/react-query'
import { Link, Navigate } from '@tanstack/react-router'

import { accessQuery, accountQuery } from '~/api/access.ts'
import { operationQuery } from '~/api/operation.ts'
import { keyOfTab } from '~/api/place.ts'
import { navigation } from '~/texts/navigation.ts'
import { Answer, Empty, SkeletonRows } from '~/ui/states.tsx'

/** The address without a tenant: on to the only one, else a choice. */
export function Welcome() {
  const hasKey = keyOfTab() !== null
  const access = useQuery({ ...accessQuery(null), enabled: hasKey })
  const account = useQuery({ ...accountQuery(), enabled: !hasKey })
  if (hasKey) {
    return (
      <Answer of={access}>
        {({ tenant }) => <Navigate to="/t/$tenant/home" params={{ tenant: tenant.slug }} replace />}
      </Answer>
    )
  }
  return (
    <Answer of={account}>
      {(person) =>
        person === null ? (
          <SkeletonRows />
        ) : (
          <Choose
            isOperator={person.isOperator}
            memberships={person.memberships.map(({ tenant, tenantName }) => [tenant, tenantName])}
          />
        )
      }
    </Answer>
  )
}

function Choose({
  isOperator,
  memberships,
}: {
  readonly isOperator: boolean
  /** Name in addresses, and what people call it. */
  readonly memberships: readonly (readonly [string, string])[]
}) {
  const every = useQuery({
    ...operationQuery(null, 'tenants.list', { limit: 20 }),
    enabled: isOperator,
  })
  const others = every.data?.tenants.map(({ slug, name }) => [slug, name] as const) ?? []
  const names = new Map([...others, ...memberships])
  const all = [...names.keys()]
  const [only] = all
  if (isOperator && every.isPending) return <SkeletonRows />
  if (only !== undefined && all.length === 1) {
    return <Navigate to="/t/$tenant/home" params={{ tenant: only }} replace />
  }
  if (all.length === 0) {
    return <Empty title={navigation.noTenant}>{navigation.noTenantHint}</Empty>
  }
  return (
    <div className="mx-auto w-full max-w-xl p-6">
      <h1 className="mb-3 text-xl font-semibold">{navigation.chooseTenant}</h1>
      <ul className="flex flex-col gap-2">
        {all.map((tenant) => (
          <li key={tenant}>
            <Link
              to="/t/$tenant/home"
              params={{ tenant }}
              className="block rounded-lg border border-line bg-surface px-4 py-3 font-medium shadow-card hover:border-accent"
            >
              {names.get(tenant)}
              <span className="ml-2 font-normal text-faint">{tenant}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}
