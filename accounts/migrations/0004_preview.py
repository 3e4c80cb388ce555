import django.db.models.deletion
import tenants.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_embed"),
        ("tenants", "0013_embed"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="enduser",
            name="enduser_member_once",
        ),
        migrations.RemoveConstraint(
            model_name="enduser",
            name="enduser_kind_matches_identity",
        ),
        migrations.AddField(
            model_name="chatsession",
            name="version",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="The draft that is tried out; empty for everybody else, to whom the published version answers.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="tenants.assistantversion",
            ),
        ),
        migrations.AlterField(
            model_name="enduser",
            name="kind",
            field=models.CharField(
                choices=[
                    ("member", "Member"),
                    ("external", "Identified by the tenant's site"),
                    ("anonymous", "Anonymous visitor"),
                    ("preview", "Somebody who tries a draft"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="chatsession",
            constraint=tenants.constraints.TenantForeignKey(
                field="version",
                name="chatsession_version_of_tenant",
                on_delete="CASCADE",
                to="tenants.AssistantVersion",
            ),
        ),
        migrations.AddConstraint(
            model_name="enduser",
            constraint=models.UniqueConstraint(fields=("tenant", "user", "kind"), name="enduser_member_once"),
        ),
        migrations.AddConstraint(
            model_name="enduser",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("external_id__isnull", True), ("kind__in", ["member", "preview"]), ("user__isnull", False)
                    ),
                    models.Q(("external_id__isnull", False), ("kind", "external"), ("user__isnull", True)),
                    models.Q(("external_id__isnull", True), ("kind", "anonymous"), ("user__isnull", True)),
                    _connector="OR",
                ),
                name="enduser_kind_matches_identity",
            ),
        ),
    ]
