import { queryOptions, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'

import type { MillraceError } from '#sdk/error.ts'
import { operations } from '#sdk/operations.gen.ts'
import { callOperation, type OperationName, type OutputOf } from '~/api/client.ts'
import { forLimited, permissionOf } from '~/api/permissions.gen.ts'
import { keyOfTab } from '~/api/place.ts'

/** Name of the tenant that the address names; null on pages of no tenant. */
export function useTenant(): string | null {
  return useParams({ strict: false, select: ({ tenant }) => tenant ?? null })
}

export type Access = OutputOf<'access.show'>

export function accessQuery(tenant: string | null) {
  return queryOptions<Access, MillraceError>({
    queryKey: ['call', tenant, 'access.show', {}],
    queryFn: ({ signal }) => callOperation(tenant, 'access.show', {}, { signal }),
    staleTime: 60_000,
  })
}

/** Who the viewer is in this tenant; undefined while nobody knows. */
export function useAccess(): Access | undefined {
  const tenant = useTenant()
  return useQuery({ ...accessQuery(tenant), enabled: tenant !== null }).data
}

export type Account = OutputOf<'account.show'>

export function accountQuery() {
  return queryOptions<Account | null, MillraceError>({
    queryKey: ['call', null, 'account.show', {}],
    // A key is no person, and has no account.
    queryFn: async ({ signal }) =>
      keyOfTab() === null ? callOperation(null, 'account.show', {}, { signal }) : null,
    staleTime: 60_000,
  })
}

/** The person who has signed in; null for a key, undefined while nobody knows. */
export function useAccount(): Account | null | undefined {
  return useQuery(accountQuery()).data
}

/** Whether the viewer may call an operation: what he may not is not drawn. */
export function useMay(): (operation: OperationName) => boolean {
  const access = useAccess()
  const account = useAccount()
  return (operation) => {
    const permission = permissionOf[operation]
    if (permission === undefined || permission === 'anyone') return true
    if (permission === 'person') return account != null
    if (permission === 'operator' && account?.isOperator) return true
    if (access === undefined) return false
    // Whoever looks as a role looks only.
    if (access.viewing !== null && !isReading(operation)) return false
    if (access.limited && !forLimited.has(operation)) return false
    return (access.permissions as readonly string[]).includes(permission)
  }
}

function isReading(operation: OperationName): boolean {
  const [resource = '', verb = ''] = operation.split('.')
  return operations[resource]?.[verb]?.method === 'GET'
}

/** Zone in which the tenant's times are told. */
export function useZone(): string {
  return useAccess()?.tenant.timeZone ?? 'UTC'
}
