"""Roles as groups; redaction by a visible mark, with the original apart; every step of it in the log."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

# Nobody edits what a reader wrote: the words change together with `redacted_at` or not at all. Not `body_html`: a
# better sanitizer may render the same words anew. AFTER, so that what a CHECK refuses is refused by the CHECK.
FORWARD = """
CREATE FUNCTION counterpoint_is_never_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'counterpoint % is never edited, only redacted', OLD.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'counterpoint_is_never_edited';
END
$$;
CREATE TRIGGER counterpoint_is_never_edited AFTER UPDATE ON comparisons_counterpoint
    FOR EACH ROW WHEN (
        (OLD.body, OLD.name, OLD.link) IS DISTINCT FROM (NEW.body, NEW.name, NEW.link)
        AND (NEW.redacted_at IS NULL OR NEW.redacted_at IS NOT DISTINCT FROM OLD.redacted_at)
    ) EXECUTE FUNCTION counterpoint_is_never_edited();
"""
BACK = """
DROP TRIGGER counterpoint_is_never_edited ON comparisons_counterpoint;
DROP FUNCTION counterpoint_is_never_edited();
"""
STEPS = [
    ('pending', 'Pending'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('spam', 'Spam'),
    ('redacted', 'Redacted'), ('erased', 'Erased'),
]


def make_groups(apps, schema_editor):
    """So that the admin offers them; `comparisons.people.roles.give` makes one that is missing."""
    for name in ("moderator", "editor", "admin"):
        apps.get_model("auth", "Group").objects.get_or_create(name=name)


class Migration(migrations.Migration):

    dependencies = [
        ("comparisons", "0007_limits_on_anonymous_writing"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(make_groups, migrations.RunPython.noop),
        migrations.CreateModel(
            name='Original',
            fields=[
                ('counterpoint', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='comparisons.counterpoint')),
                ('body', models.TextField()),
                ('name', models.CharField(blank=True, max_length=60)),
                ('link', models.URLField(blank=True, max_length=300)),
                ('kept_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name='counterpoint',
            name='redacted_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='decision', name='from_state', field=models.CharField(choices=STEPS, max_length=8),
        ),
        migrations.AlterField(
            model_name='decision', name='to_state', field=models.CharField(choices=STEPS, max_length=8),
        ),
        migrations.AlterField(
            model_name='decision',
            name='reason',
            field=models.CharField(blank=True, choices=[('', '–'), ('off_topic', 'It is about something else than this page'), ('no_argument', 'It makes no argument that could be checked'), ('repeats', 'It repeats what is published already'), ('abusive', 'It attacks a person'), ('personal_data', 'It contains personal data'), ('advertising', 'It advertises'), ('unlawful', 'Publishing it would break the law')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='counterpoint',
            index=models.Index(django.db.models.functions.text.MD5('body'), name='counterpoint_by_text'),
        ),
        migrations.RemoveConstraint(
            model_name='counterpoint',
            name='counterpoint_body_20_to_4000_characters',
        ),
        migrations.AddConstraint(
            model_name='counterpoint',
            constraint=models.CheckConstraint(condition=models.Q(django.db.models.lookups.GreaterThanOrEqual(django.db.models.functions.text.Length('body'), 20), models.Q(django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('body'), 4000), ('redacted_at__isnull', False), _connector='OR')), name='counterpoint_body_20_to_4000_characters'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('to_state__in', ['redacted', 'erased']), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='decision_gives_a_reason_to_redact'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('from_state__in', ['pending', 'approved', 'rejected', 'spam']), ('to_state__in', ['pending', 'approved', 'rejected', 'spam', 'redacted', 'erased'])), name='decision_states_are_known'),
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
