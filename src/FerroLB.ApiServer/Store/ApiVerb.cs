namespace FerroLB.ApiServer.Store;

/// <summary>What a request does, named as Kubernetes names verbs in discovery and authorisation.</summary>
public enum ApiVerb
{
    /// <summary>Read one object.</summary>
    Get,

    /// <summary>Read a collection, in pages if asked.</summary>
    List,

    /// <summary>Follow the changes of a collection.</summary>
    Watch,

    /// <summary>POST of a new object.</summary>
    Create,

    /// <summary>PUT of a whole object.</summary>
    Update,

    /// <summary>PATCH; the content type says which of the four kinds.</summary>
    Patch,

    /// <summary>Delete one object.</summary>
    Delete,

    /// <summary>Delete every object that the selectors match.</summary>
    DeleteCollection,
}
