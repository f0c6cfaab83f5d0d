import type { Command } from 'commander'

/** `--tenants` and `--all-tenants`, as every command has them that works for many. */
export function addTenantOptions(command: Command): void {
  command
    .option('--tenants <names>', 'these tenants, separated by commas (operators)')
    .option('--all-tenants', 'every tenant (operators)')
}

export interface TenantOptions {
  tenants?: string[]
  allTenants: boolean
}

/** In the form of operations. */
export function tenantsOf(options: Readonly<Record<string, unknown>>): TenantOptions {
  const { tenants, allTenants } = options as { tenants?: string; allTenants?: boolean }
  return {
    ...(tenants === undefined ? {} : { tenants: tenants.split(',').map((name) => name.trim()) }),
    allTenants: allTenants === true,
  }
}

export function namesTenants({ tenants, allTenants }: TenantOptions): boolean {
  return tenants !== undefined || allTenants
}
