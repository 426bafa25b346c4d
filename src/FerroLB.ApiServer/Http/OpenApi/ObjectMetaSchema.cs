using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Http.OpenApi;

/// <summary>The schema of metadata, written once for all kinds.</summary>
internal static class ObjectMetaSchema
{
    /// <summary>Builds the schema; it holds no reference, so it serves OpenAPI v2 and v3 alike.</summary>
    public static JsonObject Build() => new()
    {
        ["description"] = "ObjectMeta is metadata that all persisted resources must have.",
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["annotations"] = Map("Unstructured key-value pairs for tools and people; not used to select objects."),
            ["creationTimestamp"] = Scalar("string", "When the object was created, in UTC. Set by the server.", "date-time"),
            ["deletionGracePeriodSeconds"] = Scalar("integer", "Seconds allowed for the object to end gracefully.", "int64"),
            ["deletionTimestamp"] = Scalar("string", "When deletion was asked for. Set by the server.", "date-time"),
            ["finalizers"] = List("Must be empty before the object is removed.", Scalar("string", ""), null, "set"),
            ["generateName"] = Scalar("string", "A prefix from which the server makes a unique name when name is not given."),
            ["generation"] = Scalar("integer", "Counts the changes of the desired state. Set by the server.", "int64"),
            ["labels"] = Map("Key-value pairs by which objects are organised and selected."),
            ["managedFields"] = List("Which manager set which fields. Kept by the server.", Anything(), null, "atomic"),
            ["name"] = Scalar("string", "The name, unique within a namespace. It cannot be changed."),
            ["namespace"] = Scalar("string", "The namespace within which the name must be unique. It cannot be changed."),
            ["ownerReferences"] = List("The objects that this one depends on.", OwnerReference(), "uid", "map"),
            ["resourceVersion"] = Scalar("string", "An opaque version of this object, for watching and for optimistic concurrency."),
            ["selfLink"] = Scalar("string", "No longer set."),
            ["uid"] = Scalar("string", "Unique in time and space. Set by the server."),
        },
    };

    private static JsonObject OwnerReference() => new()
    {
        ["type"] = "object",
        ["required"] = new JsonArray("apiVersion", "kind", "name", "uid"),
        ["properties"] = new JsonObject
        {
            ["apiVersion"] = Scalar("string", "API version of the owner."),
            ["blockOwnerDeletion"] = Scalar("boolean", "Whether the owner is kept until this object is gone, on foreground deletion."),
            ["controller"] = Scalar("boolean", "Whether the owner is the managing controller."),
            ["kind"] = Scalar("string", "Kind of the owner."),
            ["name"] = Scalar("string", "Name of the owner."),
            ["uid"] = Scalar("string", "UID of the owner."),
        },
    };

    private static JsonObject Scalar(string type, string description, string format = "")
    {
        var schema = new JsonObject { ["type"] = type };
        if (description.Length > 0)
            schema["description"] = description;
        if (format.Length > 0)
            schema["format"] = format;
        return schema;
    }

    private static JsonObject Map(string description) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["additionalProperties"] = new JsonObject { ["type"] = "string" },
    };

    private static JsonObject List(string description, JsonObject items, string? key, string listType)
    {
        var schema = new JsonObject
        {
            ["type"] = "array",
            ["description"] = description,
            ["items"] = items,
            ["x-kubernetes-list-type"] = listType,
        };
        if (key is not null)
        {
            schema["x-kubernetes-list-map-keys"] = new JsonArray(key);
            schema["x-kubernetes-patch-merge-key"] = key;
        }
        if (listType != "atomic")
            schema["x-kubernetes-patch-strategy"] = "merge";
        return schema;
    }

    private static JsonObject Anything() => new() { ["type"] = "object" };
}
