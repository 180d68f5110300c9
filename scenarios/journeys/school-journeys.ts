import type { Journey, JourneyName, JourneyStep } from './journey.ts'

const step = (page: string, seconds: number, writes: JourneyStep['writes'] = {}): JourneyStep => ({
  page,
  thinkMs: seconds * 1_000,
  writes: { telemetry: 1, ...writes },
})

const again = (one: JourneyStep, fromStep: number, times: number): JourneyStep => ({
  ...one,
  again: { fromStep, times },
})

const reply = { 'read-receipt': 1, 'message-send': 0.3 }

/**
 * The journeys of the catalogue on the reference portal. Orders and pauses are assumed; the portal
 * has no pages for account activation, school-wide statistics or grading, so J7, J9 and J10 walk
 * the nearest pages it has.
 */
export const schoolJourneys: Readonly<Record<JourneyName, Journey>> = {
  J1: {
    title: { fr: 'Élève, matin de fermeture', en: 'Pupil, closure morning' },
    logoutShare: 0.2,
    steps: [
      step('landing', 8),
      step('homework', 25),
      step('homework-item', 40),
      step('homework-item', 120, { 'homework-done': 0.3 }),
      again(step('homework', 15), 2, 2),
      step('messages', 20),
      step('message', 45, reply),
    ],
  },
  J2: {
    title: { fr: 'Élève qui rend un devoir', en: 'Pupil who hands in work' },
    logoutShare: 0.2,
    steps: [
      step('landing', 8),
      step('homework', 15),
      step('homework-item', 60, { 'hand-in': 1 }),
      step('documents', 30, { upload: 0.6 }),
      step('homework', 10),
    ],
  },
  J3: {
    title: { fr: 'Élève, soir ordinaire, téléphone', en: 'Pupil, ordinary evening, phone' },
    logoutShare: 0,
    steps: [
      step('landing', 5),
      step('timetable', 20),
      step('homework', 15),
      step('homework-item', 30, { 'homework-done': 0.5 }),
    ],
  },
  J4: {
    title: { fr: 'Parent, soir ordinaire', en: 'Parent, ordinary evening' },
    logoutShare: 0.2,
    steps: [
      step('landing', 10),
      step('marks', 30),
      step('absences', 15),
      step('messages', 20),
      again(step('message', 40, { 'read-receipt': 1, 'message-send': 0.15 }), 1, 1),
    ],
  },
  J5: {
    title: { fr: 'Parent, publication des notes', en: 'Parent, marks released' },
    logoutShare: 0.1,
    steps: [step('landing', 3), again(step('marks', 25), 1, 1)],
  },
  J6: {
    title: { fr: 'Enseignant, matin de fermeture', en: 'Teacher, closure morning' },
    logoutShare: 0.1,
    steps: [
      step('landing', 8),
      step('homework', 30),
      step('homework', 240, { 'publish-homework': 1 }),
      step('documents', 60, { upload: 0.5 }),
      again(step('homework', 30), 2, 2),
      step('messages', 120, { 'message-send': 1 }),
      again(step('message', 40, { 'read-receipt': 1 }), 6, 4),
    ],
  },
  J7: {
    title: { fr: 'Enseignant, corrections', en: 'Teacher, marking' },
    logoutShare: 0.1,
    steps: [
      step('landing', 8),
      step('homework', 20),
      again(step('documents', 45), 2, 11),
      step('messages', 30, { 'message-send': 0.5 }),
    ],
  },
  J8: {
    title: { fr: 'Vie scolaire', en: 'School life office' },
    logoutShare: 0,
    steps: [
      step('landing', 10),
      again(step('timetable', 60, { attendance: 0.3 }), 1, 25),
      step('messages', 60, { 'message-send': 0.5 }),
    ],
  },
  J9: {
    title: { fr: "Chef d'établissement", en: 'Head teacher' },
    logoutShare: 0.2,
    steps: [
      step('landing', 10),
      step('news', 180),
      step('messages', 120, { 'message-send': 1 }),
      step('directory', 60),
      step('absences', 60),
    ],
  },
  J10: {
    title: { fr: 'Parent, première connexion', en: 'Parent, first time' },
    logoutShare: 0.1,
    steps: [
      step('landing', 40),
      step('directory', 60),
      step('news', 30),
      step('home', 30),
      step('homework', 20),
    ],
  },
  J12: {
    title: { fr: 'Client automatique', en: 'Scripted client' },
    logoutShare: 0,
    steps: [
      { page: 'timetable', thinkMs: 0 },
      { page: 'homework', thinkMs: 0 },
      { page: 'marks', thinkMs: 0 },
      { page: 'messages', thinkMs: 0 },
    ],
  },
}
