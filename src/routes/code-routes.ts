import type { FastifyPluginAsync } from 'fastify'
import { verificationRoutes, type VerificationRouteDeps } from './verifications.ts'
import { verifyPageRoutes, type VerifyPageDeps } from './verify-page.ts'
import { verifySessionRoutes, type VerifySessionDeps } from './verify-sessions.ts'

export type CodeRouteDeps = VerificationRouteDeps & VerifyPageDeps & VerifySessionDeps

/** The routes of codes of our own: the API, the sessions of browsers, and the page. */
export const codeRoutes = (deps: CodeRouteDeps): FastifyPluginAsync => async (app) => {
  await app.register(verificationRoutes(deps))
  await app.register(verifySessionRoutes(deps))
  await app.register(verifyPageRoutes(deps))
}
