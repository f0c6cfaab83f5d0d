import { renderAudit, renderAuditVerdict } from '#cli/render/audit-view.ts'
import {
  renderBackfill,
  renderBackfills,
  renderBackfillShown,
  renderBackfillUndone,
} from '#cli/render/backfill-view.ts'
import { renderDeliveries, renderDelivery } from '#cli/render/delivery-view.ts'
import { renderEmbeds } from '#cli/render/embeds-view.ts'
import {
  renderEndpoint,
  renderEndpoints,
  renderTraffic,
  renderTrafficByEndpoint,
  renderTrafficByHour,
  renderVersions,
} from '#cli/render/endpoints-view.ts'
import type { Look } from '#cli/render/look.ts'
import { renderPreview, renderReasons } from '#cli/render/quarantine-view.ts'
import { renderLimits, renderQueue, renderWorkers } from '#cli/render/queue-view.ts'
import { renderComparison, renderReceipt, renderReceiptSources } from '#cli/render/receipt-view.ts'
import {
  renderReport,
  renderReportCalendar,
  renderReportHistory,
  renderReportPreview,
  renderReportTimes,
  renderReports,
} from '#cli/render/reports-view.ts'
import { renderPosted, renderTask, renderTasks } from '#cli/render/tasks-view.ts'
import { renderTenants } from '#cli/render/tenants-view.ts'
import {
  renderFreshness,
  renderNextTimes,
  renderSchedule,
  renderSchedules,
  renderSensors,
} from '#cli/render/triggers-view.ts'

type AnswerView = (look: Look, answer: never, now: Date) => string[]

/** How answers of operations look on a terminal, where they have a form of their own. */
export const answerViews: Readonly<Record<string, AnswerView>> = {
  'audit.list': renderAudit,
  'audit.verify': renderAuditVerdict,
  'backfills.cancel': renderBackfill,
  'backfills.list': renderBackfills,
  'backfills.pause': renderBackfill,
  'backfills.resume': renderBackfill,
  'backfills.show': renderBackfillShown,
  'backfills.undo': renderBackfillUndone,
  'deliveries.cancel': renderDelivery,
  'deliveries.extend': renderDelivery,
  'deliveries.list': renderDeliveries,
  'deliveries.retry': renderDelivery,
  'deliveries.show': renderDelivery,
  'embeds.list': renderEmbeds,
  'endpoints.list': renderEndpoints,
  'endpoints.show': renderEndpoint,
  'endpoints.traffic': renderTraffic,
  'endpoints.traffic-by-endpoint': renderTrafficByEndpoint,
  'endpoints.traffic-by-hour': renderTrafficByHour,
  'endpoints.versions': renderVersions,
  'freshness.list': renderFreshness,
  'limits.list': renderLimits,
  'quarantine.preview': renderPreview,
  'quarantine.reasons': renderReasons,
  'queue.show': renderQueue,
  'receipts.compare': renderComparison,
  'receipts.show': renderReceipt,
  'receipts.sources': renderReceiptSources,
  'reports.calendar': renderReportCalendar,
  'reports.create': renderReport,
  'reports.history': renderReportHistory,
  'reports.list': renderReports,
  'reports.pause': renderReport,
  'reports.preview': renderReportPreview,
  'reports.resume': renderReport,
  'reports.show': renderReport,
  'reports.times': renderReportTimes,
  'reports.update': renderReport,
  'schedules.list': renderSchedules,
  'schedules.next': renderNextTimes,
  'schedules.show': renderSchedule,
  'sensors.list': renderSensors,
  'tasks.list': renderTasks,
  'tasks.post': renderPosted,
  'tasks.show': renderTask,
  'tenants.list': renderTenants,
  'workers.list': renderWorkers,
}

/** Operations that only note what a part has to carry out: where none may be there, that is said. */
export const carriedOutBy: Readonly<Record<string, 'worker' | 'scheduler'>> = {
  'backfills.create': 'worker',
  'backfills.resume': 'worker',
  'freshness.set': 'scheduler',
  'runs.resume': 'worker',
  'schedules.create': 'scheduler',
  'schedules.fire': 'worker',
  'schedules.resume': 'scheduler',
  'sensors.create': 'scheduler',
  'sensors.resume': 'scheduler',
  'subjects.erase': 'worker',
  'tasks.post': 'worker',
  'tasks.retry': 'worker',
}
