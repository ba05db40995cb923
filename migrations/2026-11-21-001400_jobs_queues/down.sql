DROP FUNCTION hold_waiting_jobs(text[], text[], boolean);
DROP TABLE job_recurrences, jobs_dead, jobs_delayed, jobs, job_workers;
DROP SEQUENCE job_places;
DROP SEQUENCE job_ids;
