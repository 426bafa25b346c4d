using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>The schema of metadata, which every kind shares.</summary>
internal static class MetadataSchema
{
    /// <summary>ObjectMeta in the compact form.</summary>
    public const string Text =
        """
        type ObjectMeta
          name string : Name must be unique within a namespace.
          generateName string : A prefix from which the server makes a unique name when none is given.
          namespace string : The space within which the name must be unique.
          selfLink string : Deprecated; not filled in.
          uid string : Unique in time and space; given by the server.
          resourceVersion string : An opaque value that changes whenever the object changes.
          generation int64 : Grows with each change of the desired state.
          creationTimestamp time : When the object was created.
          deletionTimestamp time : When the object is to be deleted.
          deletionGracePeriodSeconds int64 : Seconds allowed for a graceful termination.
          labels map[string] : Keys and values by which objects are selected.
          annotations map[string] : Unstructured keys and values set by tools.
          ownerReferences []OwnerReference @map=uid @merge=uid : Objects on which this one depends.
          finalizers []string @set @merge : Must be empty before the object is removed.
          managedFields []ManagedFieldsEntry @atomic : Which manager owns which fields.
        type OwnerReference
          apiVersion string !
          kind string !
          name string !
          uid string !
          controller bool
          blockOwnerDeletion bool
        type ManagedFieldsEntry
          manager string
          operation string
          apiVersion string
          time time
          fieldsType string
          fieldsV1 any
          subresource string
        """;

    /// <summary>The schema, for pruning, merging and ownership.</summary>
    public static readonly SchemaNode Node = new(new SchemaText(Text).Struct("ObjectMeta"));

    /// <summary>A definition's schema with the parts that every object has added where they are missing or vague.</summary>
    public static JsonObject AddTo(JsonObject schema)
    {
        var result = (JsonObject)schema.DeepClone();
        var properties = result["properties"] as JsonObject ?? [];
        properties["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = "The versioned schema of this representation." };
        properties["kind"] = new JsonObject { ["type"] = "string", ["description"] = "The type of the object." };
        properties["metadata"] = Node.Source.DeepClone();
        result["properties"] = properties;
        return result;
    }
}
