import type { TenantSession } from '#catalog/session.ts'

/** A file of deliveries that may hold somebody who was erased. */
export interface DoomedFile {
  readonly artefactId: string
  readonly path: string
}

/**
 * Ends every delivery that the tenant has asked for so far: `erased`. An attempt that is under way
 * keeps nothing any more. Returns their files, to be removed before {@link forgetFiles}.
 */
export async function eraseDeliveries(session: TenantSession): Promise<DoomedFile[]> {
  await session.query(
    `UPDATE delivery SET ended = 'erased', dedupe_key = NULL, link_secret = NULL, progress = NULL,
       question = '{}'
     WHERE tenant_id = $1 AND ended IS NULL`,
    [session.tenant.id],
  )
  await session.query(
    `UPDATE task t SET cancel_requested = true
     FROM delivery d
     WHERE d.tenant_id = $1 AND d.ended = 'erased' AND t.tenant_id = $1 AND t.id = d.task_id
       AND t.kind = 'delivery' AND t.state IN ('ready', 'running') AND NOT t.cancel_requested`,
    [session.tenant.id],
  )
  return session.query<DoomedFile>(
    'SELECT id AS "artefactId", path FROM delivery_artefact WHERE tenant_id = $1',
    [session.tenant.id],
  )
}

/** Their files are gone. */
export async function forgetFiles(
  session: TenantSession,
  files: readonly DoomedFile[],
): Promise<void> {
  await session.query(
    `DELETE FROM delivery_artefact a USING unnest($2::text[], $3::text[]) AS gone (id, path)
     WHERE a.tenant_id = $1 AND a.id = gone.id AND a.path = gone.path`,
    [session.tenant.id, files.map(({ artefactId }) => artefactId), files.map(({ path }) => path)],
  )
}
