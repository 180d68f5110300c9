import type { Portal, PortalPage, PortalRequest, PortalWrite } from './portal.ts'

const get = (service: string, path: string): PortalRequest => ({ method: 'GET', path, service })

const telemetry: PortalWrite = {
  method: 'POST',
  path: '/api/telemetry',
  service: 'telemetry',
  bodyBytes: 700,
  name: 'telemetry',
  chance: { pupil: 1, parent: 1, teacher: 1, staff: 1 },
  audited: false,
}

const readReceipt: PortalWrite = {
  method: 'POST',
  path: '/api/messages/{item}/read',
  service: 'tick',
  bodyBytes: 60,
  name: 'read-receipt',
  chance: { pupil: 0.9, parent: 0.9, teacher: 0.9, staff: 0.9 },
  audited: true,
}

const sendMessage: PortalWrite = {
  method: 'POST',
  path: '/api/messages',
  service: 'message-send',
  bodyBytes: 2_000,
  name: 'message-send',
  chance: { pupil: 0.15, parent: 0.1, teacher: 0.3, staff: 0.3 },
  audited: true,
}

const homeworkDone: PortalWrite = {
  method: 'PUT',
  path: '/api/me/homework/{item}/done',
  service: 'tick',
  bodyBytes: 60,
  name: 'homework-done',
  chance: { pupil: 0.3 },
  audited: true,
}

const handIn: PortalWrite = {
  method: 'POST',
  path: '/api/homework/{item}/submissions',
  service: 'hand-in',
  bodyBytes: 12_000,
  name: 'hand-in',
  chance: { pupil: 0.08 },
  audited: true,
}

const publishHomework: PortalWrite = {
  method: 'PUT',
  path: '/api/classes/{class}/homework/{item}',
  service: 'publish',
  bodyBytes: 3_000,
  name: 'publish-homework',
  chance: { teacher: 0.35 },
  audited: true,
}

const takeAttendance: PortalWrite = {
  method: 'POST',
  path: '/api/classes/{class}/attendance',
  service: 'attendance',
  bodyBytes: 600,
  name: 'attendance',
  chance: { teacher: 0.1, staff: 0.2 },
  audited: true,
}

const upload: PortalWrite = {
  method: 'POST',
  path: '/api/workspace/files',
  service: 'upload',
  bodyBytes: 900_000,
  name: 'upload',
  chance: { pupil: 0.15, teacher: 0.2 },
  audited: true,
}

const shellAssets = ['app.js', 'vendor.js', 'theme.css', 'icons.woff2', 'i18n-fr.json', 'logo.svg']

const page = (
  name: string,
  title: string,
  parts: { data: PortalRequest[]; writes?: PortalWrite[] },
): PortalPage => ({
  title,
  document: get('shell', `/portal/${name}`),
  data: parts.data,
  assets: [...shellAssets, `${name}.js`, `${name}.css`, `${name}-1.svg`, `${name}-2.svg`],
  writes: [...(parts.writes ?? []), telemetry],
})

/**
 * The reference portal: the shapes are ours, the counts and sizes those of recorded French ENT
 * sessions (a login lands on about twenty dynamic requests; other pages make three or four).
 */
export const referencePortal: Portal = {
  name: 'reference',
  login: [
    { ...get('school-page', '/schools/{school}'), expect: 200 },
    { ...get('login-page', '/auth/login'), expect: 200 },
    { method: 'POST', path: '/auth/login', service: 'login', bodyBytes: 120, expect: 303 },
    { ...get('ticket', '/auth/return?ticket={ticket}'), expect: 303 },
  ],
  logout: { method: 'POST', path: '/auth/logout', service: 'logout', bodyBytes: 2 },
  pages: {
    landing: {
      title: 'Accueil après connexion',
      document: get('shell', '/portal/home'),
      data: [
        get('me', '/api/me'),
        get('feed', '/api/me/feed?page=0'),
        get('feed', '/api/me/feed?page=1'),
        get('counter', '/api/me/counters/messages'),
        get('counter', '/api/me/counters/homework'),
        get('counter', '/api/me/counters/news'),
        get('own-list', '/api/me/timetable'),
        get('own-list', '/api/me/homework'),
        get('own-list', '/api/me/apps'),
        get('own-item', '/api/me/preferences'),
        get('own-item', '/api/me/preferences/theme'),
        get('own-item', '/api/me/avatar'),
        get('own-item', '/api/me/rights'),
        get('class-list', '/api/classes/{class}/homework'),
        get('class-list', '/api/classes/{class}/timetable'),
        get('school-list', '/api/schools/{school}/news'),
        get('school-list', '/api/schools/{school}/calendar'),
        get('school-item', '/api/schools/{school}/services'),
        get('strict-list', '/api/me/messages?folder=inbox'),
      ],
      assets: [...shellAssets, 'home.js', 'home.css', ...Array.from({ length: 17 }, assetName)],
      writes: [telemetry],
    },
    home: page('home', 'Accueil', {
      data: [
        get('feed', '/api/me/feed?page=0'),
        get('counter', '/api/me/counters/messages'),
        get('school-list', '/api/schools/{school}/news'),
      ],
    }),
    homework: page('homework', 'Travail à faire', {
      data: [
        get('class-list', '/api/classes/{class}/homework'),
        get('own-list', '/api/me/homework'),
        get('counter', '/api/me/counters/homework'),
      ],
      writes: [homeworkDone, publishHomework],
    }),
    'homework-item': page('homework-item', 'Séance', {
      data: [
        get('class-item', '/api/classes/{class}/homework/{item}'),
        get('document', '/api/schools/{school}/documents/{item}'),
        get('own-item', '/api/me/homework/{item}'),
      ],
      writes: [handIn, homeworkDone],
    }),
    timetable: page('timetable', 'Emploi du temps', {
      data: [get('own-list', '/api/me/timetable'), get('counter', '/api/me/counters/messages')],
      writes: [takeAttendance],
    }),
    messages: page('messages', 'Messagerie', {
      data: [
        get('strict-list', '/api/me/messages?folder=inbox'),
        get('counter', '/api/me/counters/messages'),
      ],
      writes: [sendMessage],
    }),
    message: page('message', 'Message', {
      data: [
        get('strict-item', '/api/me/messages/{item}'),
        get('counter', '/api/me/counters/messages'),
      ],
      writes: [readReceipt, sendMessage],
    }),
    marks: page('marks', 'Notes', {
      data: [get('strict-list', '/api/me/marks'), get('strict-list', '/api/me/reports')],
    }),
    absences: page('absences', 'Vie scolaire', {
      data: [get('strict-list', '/api/me/absences')],
    }),
    news: page('news', 'Actualités', {
      data: [
        get('school-list', '/api/schools/{school}/news'),
        get('school-item', '/api/schools/{school}/news/{item}'),
      ],
    }),
    documents: page('documents', 'Espace documentaire', {
      data: [
        get('strict-list', '/api/me/files'),
        get('document', '/api/schools/{school}/documents/{item}'),
      ],
      writes: [upload],
    }),
    learning: page('learning', 'Parcours', {
      data: [
        get('own-list', '/api/me/paths'),
        get('class-item', '/api/classes/{class}/paths/{item}'),
      ],
    }),
    directory: page('directory', 'Annuaire', {
      data: [get('strict-list', '/api/me/directory?q={item}')],
    }),
  },
}

function assetName(_: unknown, index: number): string {
  return `landing-${index + 1}.svg`
}
