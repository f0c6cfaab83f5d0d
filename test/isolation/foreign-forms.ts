/** One way to put a foreign id into a field. */
export interface Form {
  readonly name: string
  readonly value: unknown
  /** It is the foreign id itself: it must answer like one that does not exist. */
  readonly isExact: boolean
}

/** The ids of one kind: of the tenant that asks, of the other one, and of nobody. */
export interface Ids {
  readonly own: string
  readonly foreign: string
  readonly unknown: string
}

/** Every form in which the foreign id is tried; `tenant` is the other tenant's slug. */
export function formsOf(
  { own, foreign }: Ids,
  tenant: string,
  field: { readonly inPath: boolean; readonly isNumber: boolean; readonly isList: boolean },
): Form[] {
  const loose = (name: string, value: unknown): Form => ({ name, value, isExact: false })
  const exact: Form = {
    name: 'foreign',
    value: field.isNumber ? Number(foreign) : field.isList ? [foreign] : foreign,
    isExact: true,
  }
  const texts = [
    loose('foreign, in capitals', foreign.toUpperCase()),
    loose('foreign, encoded twice', encodeURIComponent(encodeURIComponent(`${foreign}%2F`))),
    loose('beginning of the foreign one', foreign.slice(0, Math.max(3, foreign.length - 3))),
    loose('end of the foreign one', foreign.slice(-8)),
    loose('foreign with a wildcard', `${foreign.slice(0, -1)}%`),
    loose('everything: *', '*'),
    loose('everything: %', '%'),
    loose('everything: last', 'last'),
    loose('under the tenant', `${tenant}/${foreign}`),
    loose('with the tenant', `${tenant}:${foreign}`),
    loose('path upwards', `../${tenant}/${foreign}`),
    loose('own and foreign', `${own},${foreign}`),
    loose('foreign and own', `${foreign},${own}`),
    loose('SQL', `${own}' OR '1'='1`),
    loose('foreign with NUL', `${foreign}\u0000`),
    loose('foreign with blanks', ` ${foreign} `),
  ]
  if (field.inPath) return [exact, ...texts]
  return [
    exact,
    ...texts,
    loose('list', [own, foreign]),
    loose('object', { id: foreign }),
    loose('operator', { $ne: null }),
  ]
}

/** Ways to ask for another tenant beside the fields: none of them may be heard. */
export function sideways(tenant: { readonly slug: string; readonly id: number }): {
  readonly name: string
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>>
}[] {
  const { slug, id } = tenant
  return [
    { name: 'header Millrace-Tenant', headers: { 'millrace-tenant': slug } },
    { name: 'header X-Tenant', headers: { 'x-tenant': slug, 'x-tenant-id': String(id) } },
    { name: 'header Host', headers: { host: `${slug}.example.com` } },
    {
      name: 'header X-Forwarded-User',
      headers: { 'x-forwarded-user': slug, 'x-forwarded-for': '127.0.0.1', forwarded: 'for=[::1]' },
    },
    { name: 'header X-HTTP-Method-Override', headers: { 'x-http-method-override': 'DELETE' } },
    { name: 'query tenant', query: { tenant: slug } },
    { name: 'query tenantId', query: { tenantId: String(id) } },
    { name: 'body tenant', body: { tenant: slug } },
    { name: 'body tenantId', body: { tenantId: id } },
    { name: 'body tenant_id', body: { tenant_id: id } },
    { name: 'body role', body: { role: 'owner', permissions: ['operator'], isOperator: true } },
    { name: 'body __proto__', body: JSON.parse('{"__proto__":{"tenantId":1,"role":"owner"}}') },
    { name: 'body constructor', body: { constructor: { prototype: { tenantId: id } } } },
  ]
}
