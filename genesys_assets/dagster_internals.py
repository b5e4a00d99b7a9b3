"""What Dagster does not promise to keep and the project uses: the one file that imports its private modules.

What belongs here: the imports, what each is for, and the public way to wait for. A test sees that no other file of the
package imports a private module.
"""

# The IO manager (`warehouse`): which schema, table and partition an asset has, as in Dagster's own DuckDB IO manager,
# which stands on the same class. To wait for: `DbIOManager` among what `dagster` exports.
from dagster._core.storage.db_io_manager import DbIOManager, DbTypeHandler, TablePartitionDimension, TableSlice

# isort: split
# Sensors: which days backfills under way have asked for already. To wait for: backfills by their status from a public
# method of the instance.
from dagster._core.definitions.events import AssetKeyPartitionKey
from dagster._core.errors import DagsterDefinitionChangedDeserializationError
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus, PartitionBackfill

# isort: split
# The launcher: whether a run's code server is still there. To wait for: run monitoring for the default launcher.
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult, GetCurrentRunsResult
from dagster._serdes import deserialize_value

# isort: split
# The job forget_runs: what the steps of old runs have told. To wait for: retention of runs and their events in
# `dagster.yaml`, as there is for ticks.
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS, PIPELINE_EVENTS
from dagster._core.storage.event_log import SqlEventLogStorage, SqliteEventLogStorage
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable

# isort: split
# Reports and checks: what the checks of one day have found. To wait for: check evaluations by partition from a public
# method of the instance.
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
)

__all__ = [
    "ASSET_CHECK_EVENTS",
    "ASSET_EVENTS",
    "PIPELINE_EVENTS",
    "AssetCheckExecutionRecord",
    "AssetCheckExecutionRecordStatus",
    "AssetKeyPartitionKey",
    "BulkActionStatus",
    "BulkActionsFilter",
    "CanCancelExecutionRequest",
    "CanCancelExecutionResult",
    "CheckRunHealthResult",
    "DagsterDefinitionChangedDeserializationError",
    "DagsterGrpcClient",
    "DagsterUserCodeUnreachableError",
    "DbIOManager",
    "DbTypeHandler",
    "GetCurrentRunsResult",
    "PartitionBackfill",
    "PartitionKeyFilter",
    "SqlEventLogStorage",
    "SqlEventLogStorageTable",
    "SqliteEventLogStorage",
    "TablePartitionDimension",
    "TableSlice",
    "WorkerStatus",
    "deserialize_value",
]
