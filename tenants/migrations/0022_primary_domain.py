from django.db import migrations, models

#: A name that is only claimed is nobody's address; a tenant whose names serve has one that comes first: the oldest.
APPOINTED = """
SELECT set_config('chatplatform.tenant', '*', true);
UPDATE tenants_domain SET is_primary = false WHERE is_primary AND verified_at IS NULL;
UPDATE tenants_domain SET is_primary = true WHERE id IN (
    SELECT min(id) FROM tenants_domain WHERE verified_at IS NOT NULL GROUP BY tenant_id HAVING NOT bool_or(is_primary));
SELECT set_config('chatplatform.tenant', '', true)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0021_membership_suspended"),
    ]

    operations = [
        migrations.RunSQL(APPOINTED, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="domain",
            name="is_primary",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Links to the tenant's chat, and the lines that embed it, name this host.",
                verbose_name="primary",
            ),
        ),
        migrations.AddConstraint(
            model_name="domain",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_primary", False), ("verified_at__isnull", False), _connector="OR"),
                name="domain_primary_serves",
            ),
        ),
    ]
