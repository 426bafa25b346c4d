namespace FerroLB.Core.Allocation;

/// <summary>spec.ipFamilyPolicy of a Service.</summary>
public enum FamilyPolicy
{
    /// <summary>One address; also when the Service does not say.</summary>
    SingleStack,

    /// <summary>Two addresses if they are to be had, otherwise one.</summary>
    PreferDualStack,

    /// <summary>Two addresses or none.</summary>
    RequireDualStack,
}
