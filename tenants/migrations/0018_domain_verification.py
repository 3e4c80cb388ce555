import django.db.models.functions.text
import tenants.models.domain
from django.db import migrations, models


# Domains that are there serve already: staff added them.
VERIFIED = """
SELECT set_config('chatplatform.tenant', '*', true);
UPDATE tenants_domain SET verified_at = created_at, token = replace(gen_random_uuid()::text, '-', '');
SELECT set_config('chatplatform.tenant', '', true)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0017_invitation"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="domain",
            name="domain_host_unique",
        ),
        migrations.AddField(
            model_name="domain",
            name="token",
            field=models.CharField(default=tenants.models.domain.new_token, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="domain",
            name="verified_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="verified"),
        ),
        migrations.AlterField(
            model_name="domain",
            name="host",
            field=models.CharField(help_text="Without scheme and port, as chat.example.com.", max_length=253),
        ),
        migrations.RunSQL(VERIFIED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="domain",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("host"),
                condition=models.Q(("verified_at__isnull", False)),
                name="domain_verified_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="domain",
            constraint=models.UniqueConstraint(fields=("tenant", "host"), name="domain_of_tenant_once"),
        ),
    ]
