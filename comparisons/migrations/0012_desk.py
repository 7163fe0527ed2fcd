"""The timetable's rows, the log of who did what, and the switches that stop something at once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The log is only ever added to; and what Django's admin logs of itself is copied, so that there is one log.
FORWARD = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'audit_is_append_only';
END
$$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON comparisons_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE FUNCTION audit_hears_of_the_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO comparisons_auditentry (at, by_id, did, about, address, detail)
    SELECT NEW.action_time, NEW.user_id,
           CASE NEW.action_flag WHEN 1 THEN 'added ' WHEN 2 THEN 'changed ' ELSE 'deleted ' END
               || coalesce(kind.model, 'something'),
           left(NEW.object_repr, 200), '', jsonb_build_object('in', 'admin', 'id', NEW.object_id)
    FROM (SELECT 1) AS one LEFT JOIN django_content_type kind ON kind.id = NEW.content_type_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_hears_of_the_admin AFTER INSERT ON django_admin_log
    FOR EACH ROW EXECUTE FUNCTION audit_hears_of_the_admin();
"""
BACK = """
DROP TRIGGER audit_hears_of_the_admin ON django_admin_log;
DROP FUNCTION audit_hears_of_the_admin();
DROP TRIGGER audit_is_append_only ON comparisons_auditentry;
DROP FUNCTION audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("comparisons", "0011_api_tokens"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name='Tick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.CharField(max_length=40)),
                ('period', models.DateTimeField()),
                ('state', models.CharField(choices=[('running', 'running'), ('done', 'done'), ('failed', 'failed')], default='running', max_length=8)),
                ('attempts', models.PositiveSmallIntegerField(default=1)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['-period', 'job'],
                'indexes': [models.Index(fields=['started_at'], name='tick_by_start')],
                'constraints': [models.UniqueConstraint(fields=('job', 'period'), name='tick_once_per_job_and_period'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'running')), models.Q(('ended_at__isnull', False), ('state__in', ['done', 'failed'])), _connector='OR'), name='tick_ended_unless_running')],
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('did', models.CharField(max_length=120)),
                ('about', models.CharField(blank=True, max_length=200)),
                ('address', models.CharField(blank=True, max_length=300)),
                ('detail', models.JSONField(blank=True, default=dict)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(fields=['-at', '-id'], name='audit_newest'), models.Index(fields=['by', '-at', '-id'], name='audit_by')],
            },
        ),
        migrations.CreateModel(
            name='Switch',
            fields=[
                ('name', models.CharField(choices=[('votes', 'Votes'), ('counterpoints', 'Counterpoints'), ('panel', 'The panel'), ('writing', 'All writing, and the panel')], max_length=20, primary_key=True, serialize=False)),
                ('stopped', models.BooleanField(default=False)),
                ('reason', models.CharField(blank=True, max_length=120)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name__in', ['votes', 'counterpoints', 'panel', 'writing'])), name='switch_name_is_known'), models.CheckConstraint(condition=models.Q(('stopped', False), models.Q(('reason', ''), _negated=True), _connector='OR'), name='switch_says_why_it_is_stopped')],
            },
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
