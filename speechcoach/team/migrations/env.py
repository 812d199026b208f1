"""What Alembic runs: the steps, on the connection that the store has opened."""

from alembic import context

from speechcoach.team.tables import metadata

link = context.config.attributes["connection"]
context.configure(connection=link, target_metadata=metadata, render_as_batch=link.dialect.name == "sqlite")
context.run_migrations()
