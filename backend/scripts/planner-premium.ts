/**
 * The tables of Planner Premium (Project for the web, Project Operations) that people have rows in. No metadata of them
 * has been published that we could read, so these are names alone, from the list of scheduling entities at
 * https://learn.microsoft.com/dynamics365/project-operations/project-management/schedule-api-preview (© Microsoft,
 * CC-BY-4.0).
 */
export const plannerPremium = [
  ['msdyn_project', 'Project'],
  ['msdyn_projectbucket', 'Project Bucket'],
  ['msdyn_projectchecklist', 'Project Checklists'],
  ['msdyn_projectlabel', 'Project Label'],
  ['msdyn_projectsprint', 'Project Sprint'],
  ['msdyn_projecttask', 'Project Task'],
  ['msdyn_projecttaskdependency', 'Project Task Dependency'],
  ['msdyn_projecttasktolabel', 'Project Task to Label'],
  ['msdyn_projectteam', 'Project Team Member'],
  ['msdyn_resourceassignment', 'Resource Assignment'],
] as const;
